"""Whether like is tied to like."""

import numpy as np

from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _
from kennismakelaar.network.arrays import Arrays, Ints, Numbers, Result


def degree_assortativity(net: Arrays) -> Result:
    """The correlation of the degrees at both ends of a tie, whatever its direction; -1 to 1.

    Newman (2002), Assortative mixing in networks, Physical Review Letters 89, 208701.
    """
    counts = net.both.counts.astype(float)
    ends, others = counts[net.both.owners], counts[net.both.others]
    if not len(ends) or not ends.std():
        raise Refused(_("Iedereen heeft hier evenveel banden, of niemand heeft er een. Dan bestaat deze maat niet."))
    return Result(float(np.corrcoef(ends, others)[0, 1]))


def attribute_assortativity(net: Arrays, *, by: str = "domain") -> Result:
    """How much more often ties join the same value of an attribute than chance would have it; 1 is always.

    Newman (2003), Mixing patterns in networks, Physical Review E 67, 026126. Every tie counts once, whatever its
    direction and weight; ties with an end without a value do not count.
    """
    shares, note, note_en = _mixing(net, by)
    chance = float((shares.sum(axis=1) * shares.sum(axis=0)).sum())
    if chance == 1:
        raise Refused(
            _("Alle banden lopen hier tussen records met dezelfde %(by)r. Dan bestaat deze maat niet.", by=by)
        )
    return Result((float(np.trace(shares)) - chance) / (1 - chance), True, note, note_en)


def homophily(net: Arrays, *, by: str = "domain") -> Result:
    """The E-I index: ties between groups less ties within, over all ties; -1 is only within, 1 only between.

    Krackhardt & Stern (1988), Informal networks and organizational crises, Social Psychology Quarterly 51. The note
    has what it would be if ties ran between any two nodes with a value. Ties count as in attribute assortativity.
    """
    shares, note, note_en = _mixing(net, by)
    groups, _ = net.groups(by)
    sizes = np.bincount(groups[groups >= 0]).astype(float)
    known = float(sizes.sum())
    within = float((sizes * (sizes - 1)).sum()) / (known * (known - 1)) if known > 1 else 0.0
    chance = f"Bij toeval zou het {1 - 2 * within:.2f} zijn. {note}".strip()
    chance_en = f"By chance it would be {1 - 2 * within:.2f}. {note_en}".strip()
    return Result(1 - 2 * float(np.trace(shares)), True, chance, chance_en)


def _mixing(net: Arrays, by: str) -> tuple[Numbers, str, str]:
    """Share of ties between each two values, shape (values, values); and how many ties did not count."""
    groups, labels = net.groups(by)
    ends, others = groups[net.both.owners], groups[net.both.others]
    known = (ends >= 0) & (others >= 0)
    if not known.any():
        raise Refused(_("Er is hier geen band tussen twee records met een %(by)r. Dan bestaat deze maat niet.", by=by))
    cells: Ints = ends[known] * len(labels) + others[known]
    counts = np.bincount(cells, minlength=len(labels) ** 2).reshape(len(labels), -1)
    left_out = int((~known).sum()) // 2
    note = f"{left_out} banden zonder {by!r} aan een kant tellen niet mee." if left_out else ""
    note_en = f"{left_out} ties without {by!r} at one end do not count." if left_out else ""
    return np.asarray(counts / counts.sum(), dtype=np.float64), note, note_en
