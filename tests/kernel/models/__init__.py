from tests.kernel.models.partitioned import Place, Pulse, Reading

__all__ = ["Place", "Pulse", "Reading"]
