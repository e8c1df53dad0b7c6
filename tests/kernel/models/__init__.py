from tests.kernel.models.partitioned import Place, Pulse, Reading
from tests.kernel.models.rows import Errand, Label, Measurement, Price, Stage

__all__ = ["Errand", "Label", "Measurement", "Place", "Price", "Pulse", "Reading", "Stage"]
