"""All routes of both dialects: what each takes and answers."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from api.ollama import embed
from api.ollama import request as ollama_asked
from api.v1 import rerank
from api.v1.document import answered, asked, ollama
from api.v1.realtime.mount import SecretAsked

Dialect = Literal["V1", "Ollama"]
JSON, FORM, TEXT = "application/json", "multipart/form-data", "text/plain"
EVENTS, LINES = "text/event-stream", "application/x-ndjson"


class Operation(NamedTuple):
    """One route."""

    path: str
    """Where."""
    id: str
    """What programs call it."""
    summary: str
    """What it does."""
    answer: Any
    """Type of what it answers; several where it depends."""
    takes: Any = None
    """Type of what is sent, or several; None for a GET."""
    dialect: Dialect = "V1"
    """Whose errors it tells."""
    media: str = JSON
    """Of what is sent."""
    also: Sequence[str] = ()
    """Media types of an answer beside JSON."""
    query: Sequence[str] = ()
    """Parameters of a GET."""
    is_model: bool = False
    """Whether the path ends with a model's id."""


RERANK = (rerank.RerankAsked, answered.Ranking)
OPERATIONS: Sequence[Operation] = (
    Operation(
        "/v1/chat/completions",
        "chat",
        "Answer a chat",
        answered.ChatCompletion,
        asked.ChatRequest,
        also=(EVENTS,),
    ),
    Operation(
        "/v1/completions",
        "complete",
        "Go on with a text",
        answered.ChatCompletion,
        asked.CompletionRequest,
        also=(EVENTS,),
    ),
    Operation(
        "/v1/responses",
        "respond",
        "Answer, and keep nothing",
        answered.Response,
        asked.ResponsesRequest,
        also=(EVENTS,),
    ),
    Operation("/v1/embeddings", "embed", "Turn texts into vectors", answered.Embeddings, asked.EmbeddingsRequest),
    Operation("/v1/images/generations", "makeImages", "Make pictures", answered.Images, asked.ImageRequest),
    Operation(
        "/v1/audio/transcriptions",
        "createTranscription",
        "Write down a recording",
        answered.Transcription,
        asked.TranscriptionForm,
        media=FORM,
        also=(EVENTS, TEXT),
    ),
    Operation(
        "/v1/audio/translations",
        "createTranslation",
        "Translate a recording",
        answered.Transcription,
        asked.TranslationForm,
        media=FORM,
        also=(TEXT,),
    ),
    Operation("/v1/realtime/client_secrets", "makeClientSecret", "Make a secret", answered.Secret, SecretAsked),
    Operation("/v1/rerank", "rerank", "Rank documents (Jina, vLLM)", RERANK[1], RERANK[0]),
    Operation("/v2/rerank", "rerankCohere", "Rank documents (Cohere)", RERANK[1], RERANK[0]),
    Operation(
        "/rerank",
        "rerankTei",
        "Rank texts (TEI), or documents",
        (list[answered.TeiRank], answered.Ranking),
        (rerank.TeiAsked, rerank.RerankAsked),
    ),
    Operation("/v1/score", "score", "Score pairs of texts", answered.Scores, rerank.ScoreAsked),
    Operation("/score", "scoreVllm", "Score pairs of texts (vLLM)", answered.Scores, rerank.ScoreAsked),
    Operation("/v1/models", "listModels", "List all models, under every name", answered.Models),
    Operation("/v1/models/{id}", "getModel", "Tell of one model", answered.Model, is_model=True),
    Operation(
        "/v1/usage",
        "getUsage",
        "Tell what was used, by day, key and model",
        answered.Usage,
        query=("since", "until", "key", "model"),
    ),
    Operation(
        "/api/chat", "ollamaChat", "Answer a chat", ollama.Answer, ollama_asked.ChatAsked, "Ollama", also=(LINES,)
    ),
    Operation(
        "/api/generate",
        "ollamaGenerate",
        "Go on with a text",
        ollama.Answer,
        ollama_asked.TextAsked,
        "Ollama",
        also=(LINES,),
    ),
    Operation("/api/embed", "ollamaEmbed", "Turn texts into vectors", ollama.Vectors, embed.EmbedAsked, "Ollama"),
    Operation(
        "/api/embeddings", "ollamaEmbedOne", "Turn a text into a vector", ollama.Vector, embed.OlderAsked, "Ollama"
    ),
    Operation(
        "/api/images/generations", "ollamaImages", "Make pictures", answered.Images, asked.ImageRequest, "Ollama"
    ),
    Operation("/api/show", "ollamaShow", "Tell of one model", ollama.Shown, ollama.ShowAsked, "Ollama"),
    Operation("/api/tags", "ollamaTags", "List models", ollama.Tags, dialect="Ollama"),
    Operation("/api/models", "ollamaModels", "List models in both dialects", ollama.Tags, dialect="Ollama"),
    Operation("/api/ps", "ollamaRunning", "List models that answer now", ollama.Tags, dialect="Ollama"),
    Operation("/api/version", "ollamaVersion", "Tell the version of the dialect", ollama.Version, dialect="Ollama"),
)
