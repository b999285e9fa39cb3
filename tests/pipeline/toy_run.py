"""The toy stages, run with their artifacts kept."""

from collections.abc import Mapping

from pipeline.artifacts import Artifacts
from pipeline.manifest import Recipe
from pipeline.plan import Plan
from pipeline.runner import run
from storage.store import Store
from tests.pipeline.toys import Join, Ramp, Silence, Upper

RECIPES = {
    "ramp": Recipe(),
    "upper": Recipe(producers=("ramp",)),
    "join": Recipe(producers=("ramp", "upper")),
}


async def keys(store: Store, prefix: str) -> list[str]:
    """Return what lies below the prefix."""
    return sorted([stat.key async for stat in store.list(prefix)])


async def run_all(
    store: Store,
    duration: float = 40,
    recipes: Mapping[str, Recipe] = RECIPES,
    upper: Upper | None = None,
) -> Artifacts:
    """Run as the next attempt at the meeting m."""
    artifacts = await Artifacts.open(store, "m", recipes, part_seconds=6)
    past = {name: await artifacts.kept(name) for name in recipes}
    await run(Plan([Ramp(), upper or Upper(), Join()]), Silence(duration), artifacts, past)
    return artifacts
