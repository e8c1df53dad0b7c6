"""Invoices of the demo: companies that sell, numbers for what was paid, tax forms and a month that is closed softly."""

from core.demo import DemoStep, register_step


def load_invoices() -> str:
    """Two companies, every paid order invoiced and numbered, evidence of countries, a tax form in each state."""
    from billing.datasets.demo_invoices import demo_invoices_load

    return demo_invoices_load()


register_step(DemoStep(46, "Companies that sell, invoices and tax forms", load_invoices))
