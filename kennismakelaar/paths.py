"""Where the files are that ship beside this package."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRAPH_SCHEMA, SEED_DATA = ROOT / "graph_schema", ROOT / "seed_data"
MODELS = Path(__file__).resolve().parent / "models"
