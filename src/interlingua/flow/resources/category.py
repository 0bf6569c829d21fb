"""The groups of the palette."""

from enum import Enum

from interlingua.flow.resources.text import Text


class ResourceCategory(Enum):
    """What kind of thing a resource is; the value is its id, `label` what a screen shows."""

    HTTP_BODY = "http_body"
    LLM_CLIENT = "llm_client"
    STORAGE = "storage"
    SERIALIZER = "serializer"
    COMMON = "common"
    PROMPT = "prompt"
    AGENT = "agent"
    EMBEDDINGS = "embeddings"
    RAG = "rag"
    VECTOR_STORE = "vector_store"
    KNOWLEDGE_GRAPH = "knowledge_graph"
    FULL_TEXT = "full_text"
    DATABASE = "database"
    EXAMPLE = "example"

    @property
    def label(self) -> Text:
        """The group's heading."""
        return _LABELS[self]


_LABELS = {
    ResourceCategory.HTTP_BODY: Text("HTTP Body"),
    ResourceCategory.LLM_CLIENT: Text("LLM Client"),
    ResourceCategory.STORAGE: Text("Storage"),
    ResourceCategory.SERIALIZER: Text("Serializer"),
    ResourceCategory.COMMON: Text("Common"),
    ResourceCategory.PROMPT: Text("Prompt"),
    ResourceCategory.AGENT: Text("Agent"),
    ResourceCategory.EMBEDDINGS: Text("Embeddings"),
    ResourceCategory.RAG: Text("RAG"),
    ResourceCategory.VECTOR_STORE: Text("Vector Store"),
    ResourceCategory.KNOWLEDGE_GRAPH: Text("Knowledge Graph"),
    ResourceCategory.FULL_TEXT: Text("Full Text"),
    ResourceCategory.DATABASE: Text("Database"),
    ResourceCategory.EXAMPLE: Text("Example"),
}
