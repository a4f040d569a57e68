#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""request against Debian's nginx, natively: the test of tests/cli, with the engines' nginx."""
import os
import subprocess
import sys

import engines

folder = engines.root()
nginx = [folder + "/lib64/ld-linux-x86-64.so.2", "--library-path",
         folder + "/usr/lib/x86_64-linux-gnu", folder + "/usr/sbin/nginx", "-e", "stderr"]
done = subprocess.run([engines.TOP + "/tests/cli/run.py", "request/nginx"], stdout=subprocess.PIPE, text=True,
                      env={**os.environ, "NGINX": " ".join(nginx)})
print(done.stdout.replace("ok cli/", "ok engines/"), end="", flush=True)
sys.exit(done.returncode)
