"""Every roll-up, in order of dependence: each after those whose results it reads. Imported by `AppConfig.ready()`."""
