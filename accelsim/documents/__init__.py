"""Files that users write: YAML with the place of every key, constants with units, strict checks."""

from accelsim.documents.constants import KINDS, Constant, Real
from accelsim.documents.document import Document, read_document
from accelsim.documents.validation import Strict, validate

__all__ = [
    "KINDS",
    "Constant",
    "Document",
    "Real",
    "Strict",
    "read_document",
    "validate",
]
