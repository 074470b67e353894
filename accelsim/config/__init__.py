"""Machine files: constants with unit, kind and source, checked against a strict schema."""

from accelsim.config.cells import response_of
from accelsim.config.device import DeviceFile
from accelsim.config.digital import Codes
from accelsim.config.machine import load_machine, resolved_yaml
from accelsim.config.schema import Machine
from accelsim.documents.constants import KINDS, Constant
from accelsim.documents.document import Document, read_document
from accelsim.documents.validation import validate

__all__ = [
    "KINDS",
    "Codes",
    "Constant",
    "DeviceFile",
    "Document",
    "Machine",
    "load_machine",
    "read_document",
    "resolved_yaml",
    "response_of",
    "validate",
]
