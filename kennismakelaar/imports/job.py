"""A list from file to plan: what the command and the website both do before anything is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kennismakelaar.encode import Progress
from kennismakelaar.imports import mapping, origin, plan
from kennismakelaar.imports.files import open_listing
from kennismakelaar.imports.mapping import Readings
from kennismakelaar.imports.origin import Origin
from kennismakelaar.imports.rows import Form, Listing
from kennismakelaar.imports.spool import Spool
from kennismakelaar.store import Store


@dataclass(frozen=True)
class Job:
    """A plan that can be shown, and written as long as it is open."""

    listing: Listing
    spool: Spool
    origin: Origin | None
    """None for our own export, of which every record has its sources."""


@contextmanager
def planned(
    store: Store, listing: Listing, readings: Readings, source: str, progress: Progress = lambda done: None
) -> Iterator[Job]:
    """The plan of a list; nothing is written. Refused where the mapping does not fit, or no source is named."""
    with TemporaryDirectory(prefix="kennismakelaar-") as folder:
        spool = Spool(Path(folder))
        planner = plan.Planner(store, spool)
        try:
            if listing.form is Form.GRAPH:
                plan.of_graph(listing.path, planner)
                yield Job(listing, spool, None)
                return
            mapping.check(listing, readings)
            where = origin.find(store, source, listing.path.name)
            plan.make(listing, readings, where, planner, progress)
            yield Job(listing, spool, where)
        finally:
            spool.close()


@contextmanager
def opened(path: Path) -> Iterator[Listing]:
    """A file of any form; what it unpacks goes when it is closed."""
    with TemporaryDirectory(prefix="kennismakelaar-") as folder:
        yield open_listing(path, Path(folder))
