"""The machine that is measured on."""

import os
import platform


def describe() -> dict[str, object]:
    """Return what a results file says of the machine."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return {"kernel": platform.release(), "arch": platform.machine(), "libc": " ".join(platform.libc_ver()),
            "processor": names[0] if names else platform.machine(), "cpus": len(os.sched_getaffinity(0)),
            "python": platform.python_version(), "load": os.getloadavg()[0]}
