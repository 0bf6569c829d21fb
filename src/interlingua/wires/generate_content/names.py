"""Google's names in snake case, which protobuf's JSON allows beside camel case.

Google's own SDK writes some objects so (`thinkingConfig`, google-genai 3.4), and users of
the REST API write whole bodies so. An object is looked at only where it has a name that
was not expected, since nearly none is written in snake case.
"""

from collections.abc import Mapping
from typing import Any, Final

_NAMES: Final = frozenset(
    (
        *("systemInstruction", "generationConfig", "safetySettings", "toolConfig", "cachedContent", "serviceTier"),
        *("functionDeclarations", "parametersJsonSchema", "responseJsonSchema", "inlineData", "fileData", "mimeType"),
        *("fileUri", "displayName", "functionCall", "functionResponse", "thoughtSignature", "videoMetadata"),
        *("executableCode", "codeExecutionResult", "functionCallingConfig", "allowedFunctionNames", "topP", "topK"),
        *("maxOutputTokens", "candidateCount", "stopSequences", "presencePenalty", "frequencyPenalty"),
        *("responseLogprobs", "responseMimeType", "responseSchema", "thinkingConfig", "thinkingBudget"),
        *("thinkingLevel", "includeThoughts", "responseModalities", "speechConfig", "mediaResolution"),
        *("googleSearch", "urlContext", "codeExecution", "googleMaps", "fileSearch", "computerUse"),
        *("googleSearchRetrieval", "generateContentRequest", "toolCall", "toolResponse", "partMetadata"),
        *("willContinue", "partialArgs", "streamFunctionCallArguments", "retrievalConfig", "imageConfig"),
        *("includeServerSideToolInvocations", "mcpServers", "enterpriseWebSearch", "audioTimestamp"),
        *("anyOf", "propertyOrdering", "additionalProperties", "maxItems", "minItems", "maxLength", "minLength"),
        *("maxProperties", "minProperties"),
    )
)
"""Names of Google's that are read in snake case too; any other name stays as it came."""


def camel_names(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an object with Google's names in camel case; what stands in it stays as it is.

    Example:
        >>> camel_names({"mime_type": "image/png", "my_own": 1})
        {'mimeType': 'image/png', 'my_own': 1}

    """
    for name in fields:
        if "_" in name:
            return {camel_name(each): value for each, value in fields.items()}
    return fields


def camel_name(name: str) -> str:
    """Give one of Google's names in camel case, and any other name as it is."""
    head, *rest = name.split("_")
    camel = head + "".join(part[:1].upper() + part[1:] for part in rest)
    return camel if camel in _NAMES else name
