from tests.kernel.models.encryption import Correspondent, Letter, Passport, Whisper
from tests.kernel.models.partitioned import Place, Pulse, Reading
from tests.kernel.models.rows import Errand, Label, Measurement, Price, Stage

__all__ = [
    "Correspondent",
    "Errand",
    "Label",
    "Letter",
    "Measurement",
    "Passport",
    "Place",
    "Price",
    "Pulse",
    "Reading",
    "Stage",
    "Whisper",
]
