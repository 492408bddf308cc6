"""What the judge notes of one OpInfo: counts by column, and each cause of failure with its first examples."""
import collections
import re
import time

from bridge import Refused, Unfit
from compare import Difference
from report import COLUMNS


class Lacks(Exception):
    """Our function has no way to say this."""


def cause_of(difference):
    """(cause, detail): the cause is the same text for all ops that fail in one way."""
    if isinstance(difference, Difference):
        return difference.cause, difference.text
    if isinstance(difference, Refused):
        text = re.sub(r"^\S+( \((in place|out=)\))?: ", "", difference.text)
        text = re.sub(r"\b[iu](8|16|32|64)\b", "integer", re.sub(r"\bc(64|128)\b", "complex", re.sub(r"\bb?f(16|32|64)\b", "float", text)))
        return f"refused ({difference.status}): " + re.sub(r"\[[^]]*\]|(?<![a-z])-?\d+(\.\d+)?", "#", text), difference.text
    if isinstance(difference, Lacks):
        return str(difference), ""
    if isinstance(difference, Unfit):
        return str(difference), difference.detail
    return "no signature binds", str(difference)


class Result:
    def __init__(self, op):
        self.op, self.function, self.notes = op, "", []
        self.counts = {c: [0, 0] for c in COLUMNS}  # passed, failed
        self.dtypes = collections.OrderedDict()     # name: all of forward passed
        self.failures = {}                          # (column, cause): first example and count

    def note(self, column, difference, where):
        self.counts[column][difference is not None] += 1
        if column == "forward":
            self.dtypes[where["dtype"]] = self.dtypes.get(where["dtype"], True) and difference is None
        if difference is None:
            return
        cause, detail = cause_of(difference)
        entry = self.failures.setdefault((column, cause), {"column": column, "cause": cause, "count": 0, "dtypes": [], "examples": []})
        entry["count"] += 1
        if where["dtype"] and where["dtype"] not in entry["dtypes"]:
            entry["dtypes"].append(where["dtype"])
        if len(entry["examples"]) < 3:
            entry["examples"].append({"dtype": where["dtype"], "sample": where["sample"], "detail": detail, "call": where["call"]()})

    def done(self, status, started):
        if status == "judged":
            status = "fail" if self.failures else "pass" if any(p for p, _ in self.counts.values()) else "nothing"
        return {"name": self.op.formatted_key, "status": status, "function": self.function, "counts": self.counts, "dtypes": self.dtypes,
                "failures": list(self.failures.values()), "notes": self.notes, "seconds": round(time.time() - started, 2)}
