"""From TOML and the environment to the objects of a run."""
