"""The first vocabulary of content labels, after those that streaming sites and broadcasters publish."""

from core.db.operations import SetLockTimeout
from django.db import migrations

# Code, name, severity, minimum age in years, what falls under it. Ages follow the steps of European age ratings.
VOCABULARY = (
    ("alcohol", "Alcohol", "mild", 16, "Drinking as a theme. A glass on a table is none."),
    ("tobacco", "Tobacco and vaping", "mild", 16, "Smoking or vaping that is shown or talked up."),
    ("drug_use", "Drug use", "strong", 18, "Taking, making or praising drugs other than alcohol and tobacco."),
    ("gambling", "Gambling", "moderate", 18, "Wagers of money or of what has its worth, whoever plays."),
    ("profanity", "Strong language", "mild", 12, "Swearing throughout. A single word is none."),
    ("violence", "Violence", "moderate", 16, "Violence that is realistic, played or real."),
    ("gore", "Blood and gore", "strong", 18, "Wounds and death shown closely."),
    ("weapons", "Weapons", "moderate", 16, "Real weapons that are shown, handled or sold."),
    ("nudity", "Nudity", "strong", 18, "Bare breasts, genitals or buttocks."),
    ("sexual_content", "Sexual content", "strong", 18, "Sexual acts, shown or described."),
    ("suggestive", "Suggestive content", "moderate", 16, "Clothing, poses or talk meant to arouse."),
    ("mature_game", "Mature game", "moderate", 18, "A game that is rated for adults."),
    ("flashing_lights", "Flashing lights", "moderate", 0, "Flashes and patterns that can set off a seizure."),
    ("self_harm", "Self-harm", "strong", 18, "Self-harm, suicide or disordered eating as a theme."),
    ("sensitive_topics", "Sensitive topics", "moderate", 12, "War, disaster, abuse or politics that may distress."),
    ("horror", "Horror and fear", "mild", 12, "Meant to frighten."),
    ("paid_promotion", "Paid promotion", "mild", 0, "Somebody pays for what is shown or said."),
)


def write(apps, schema_editor):
    ContentLabel = apps.get_model("streams", "ContentLabel")
    rows = [
        ContentLabel(code=code, name=name, severity=severity, minimum_age=age, description=description)
        for code, name, severity, age, description in VOCABULARY
    ]
    # A label that staff defined before is left as it is.
    ContentLabel.objects.bulk_create(rows, ignore_conflicts=True)


def take_back(apps, schema_editor):
    ContentLabel = apps.get_model("streams", "ContentLabel")
    ContentLabel.objects.filter(code__in=[code for code, *_ in VOCABULARY]).delete()


class Migration(migrations.Migration):
    """Reference data; reversible while nothing carries a label."""

    dependencies = [("streams", "0003_catalogue_functions")]
    operations = [SetLockTimeout("2s"), migrations.RunPython(write, take_back)]
