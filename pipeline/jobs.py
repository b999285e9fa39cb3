"""Work on meetings, dispatched so that none of it is lost: DBOS workflows over recognise, summarise, publish."""


class Jobs:
    """INTERFACE DRAFT. `async with Jobs(store, records, pool, ...)` inside the server's lifespan: recovers, works, shuts down."""
