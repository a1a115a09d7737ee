"""As much of the JSON schema of SARIF 2.1.0 as a report can meet, and what holds a document to it.

The objects have all the properties that the schema gives them, and no others may be there, as the
schema says with `additionalProperties: false`; of what a report never has only the name is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

ANY: dict[str, Any] = {}
STRING = {"type": str}
URI = {"type": str, "format": "uri"}
URI_REFERENCE = {"type": str, "format": "uri-reference"}


def _object(
    required: tuple[str, ...], properties: dict[str, Any], others: str = ""
) -> dict[str, Any]:
    known = {**dict.fromkeys(others.split(), ANY), **properties}
    return {"type": dict, "required": required, "properties": known}


def _array(items: dict[str, Any], minimum: int = 0, *, unique: bool = False) -> dict[str, Any]:
    return {"type": list, "items": items, "minItems": minimum, "unique": unique}


TEXT = _object(("text",), {"text": STRING, "markdown": STRING}, "properties")
MESSAGE = {
    **_object((), {"text": STRING, "markdown": STRING}, "id arguments properties"),
    "anyOf": ("text", "id"),
}
ARTIFACT_LOCATION = _object(
    (),
    {"uri": URI_REFERENCE, "uriBaseId": STRING, "index": {"type": int, "minimum": -1}},
    "description properties",
)
LINE = {"type": int, "minimum": 1}
REGION = _object(
    (),
    {"startLine": LINE, "startColumn": LINE, "endLine": LINE, "endColumn": LINE},
    "charOffset charLength byteOffset byteLength snippet message sourceLanguage properties",
)
PHYSICAL_LOCATION = {
    **_object(
        (),
        {"artifactLocation": ARTIFACT_LOCATION, "region": REGION},
        "address contextRegion properties",
    ),
    "anyOf": ("artifactLocation", "address"),
}
LOGICAL_LOCATION = _object(
    (),
    {"name": STRING, "fullyQualifiedName": STRING, "kind": STRING},
    "index decoratedName parentIndex properties",
)
LOCATION = _object(
    (),
    {
        "physicalLocation": PHYSICAL_LOCATION,
        "logicalLocations": _array(LOGICAL_LOCATION, unique=True),
    },
    "id message annotations relationships properties",
)
LEVEL = {"type": str, "enum": ("none", "note", "warning", "error")}
RESULT = _object(
    ("message",),
    {
        "ruleId": STRING,
        "ruleIndex": {"type": int, "minimum": -1},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": _array(LOCATION),
        "partialFingerprints": {"type": dict, "values": STRING},
    },
    "rule kind analysisTarget guid correlationGuid occurrenceCount fingerprints stacks codeFlows "
    "graphs graphTraversals relatedLocations suppressions baselineState rank attachments "
    "hostedViewerUri workItemUris provenance fixes taxa webRequest webResponse properties",
)
RULE = _object(
    ("id",),
    {"id": STRING, "name": STRING, "shortDescription": TEXT, "helpUri": URI},
    "deprecatedIds guid deprecatedGuids deprecatedNames fullDescription messageStrings "
    "defaultConfiguration help relationships properties",
)
DRIVER = _object(
    ("name",),
    {
        "name": STRING,
        "version": STRING,
        "informationUri": URI,
        "rules": _array(RULE, unique=True),
    },
    "guid organization product productSuite shortDescription fullDescription fullName "
    "semanticVersion dottedQuadFileVersion releaseDateUtc downloadUri globalMessageStrings "
    "notifications taxa locations language contents isComprehensive "
    "localizedDataSemanticVersion minimumRequiredLocalizedDataSemanticVersion "
    "associatedComponent translationMetadata supportedTaxonomies properties",
)
RUN = _object(
    ("tool",),
    {
        "tool": _object(("driver",), {"driver": DRIVER}, "extensions properties"),
        "results": _array(RESULT),
        "automationDetails": _object(
            (), {"id": STRING}, "description guid correlationGuid properties"
        ),
    },
    "invocations conversion language versionControlProvenance originalUriBaseIds artifacts "
    "logicalLocations graphs runAggregates baselineGuid redactionTokens defaultEncoding "
    "defaultSourceLanguage newlineSequences columnKind externalPropertyFileReferences "
    "threadFlowLocations taxonomies addresses translations policies webRequests webResponses "
    "specialLocations properties",
)
LOG = _object(
    ("version", "runs"),
    {"$schema": URI, "version": {"type": str, "enum": ("2.1.0",)}, "runs": _array(RUN)},
    "inlineExternalProperties properties",
)


def violations(value: Any, schema: dict[str, Any] = LOG, at: str = "$") -> Iterator[str]:
    """What in `value` the schema does not allow."""
    if not schema:
        return
    if type(value) is not schema["type"]:
        yield f"{at} is a {type(value).__name__}"
    elif isinstance(value, dict):
        yield from _in_object(value, schema, at)
    elif isinstance(value, list):
        if schema["unique"] and any(value.count(item) > 1 for item in value):
            yield f"{at} has an item twice"
        for number, item in enumerate(value):
            yield from violations(item, schema["items"], f"{at}[{number}]")
    else:
        yield from _in_value(value, schema, at)


def _in_object(value: dict[str, Any], schema: dict[str, Any], at: str) -> Iterator[str]:
    if "values" in schema:
        for name, item in value.items():
            yield from violations(item, schema["values"], f"{at}.{name}")
        return
    yield from (f"{at} lacks {name}" for name in schema["required"] if name not in value)
    if "anyOf" in schema and not value.keys() & set(schema["anyOf"]):
        yield f"{at} has none of {schema['anyOf']}"
    for name, item in value.items():
        if name not in schema["properties"]:
            yield f"{at} has {name}, which there is not"
        else:
            yield from violations(item, schema["properties"][name], f"{at}.{name}")


def _in_value(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{at} is {value}"
    if "format" in schema:
        if any(letter.isspace() or letter in '<>"{}|\\^`' for letter in value):
            yield f"{at} is no URI: {value}"
        if schema["format"] == "uri" and not urlsplit(value).scheme:
            yield f"{at} is a relative URI: {value}"
