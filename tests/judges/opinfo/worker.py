"""A child process of judge-opinfo: reads names of OpInfos, one a line, and writes for each what it is at ("at ...") and its result
as one line of json. A crash of the library ends this process alone; the parent knows what it was at."""
import json
import os
import sys

out = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # what others print goes to standard error

import torch  # noqa: E402
from torch.testing._internal.common_methods_invocations import op_db  # noqa: E402

import bridge  # noqa: E402
import judge  # noqa: E402


def main(path, samples, reference_inputs, only_tangents):
    torch.set_num_threads(1)
    library = bridge.Library(path)
    library.lib.torsh_set_num_threads(1)
    ops = {}
    for op in op_db:
        op.formatted_key = op.name + ("." + op.variant_test_name if op.variant_test_name else "")
        ops[op.formatted_key] = op
    judged = judge.Judge(library, samples, reference_inputs, lambda text: out.write("at " + text + "\n"), only_tangents)
    out.write("ready " + json.dumps({"ops": list(ops), "torch": torch.__version__, "undefined": library.undefined}) + "\n")
    for line in sys.stdin:
        result = judged.run(ops[line.strip()])
        result["handles"] = library.lib.torsh_live_handles()
        out.write("done " + json.dumps(result) + "\n")


main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "reference", sys.argv[4] == "tangents")
