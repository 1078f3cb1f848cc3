"""How much two processes at once get done here, in units of what one does alone: what two workers may reach."""

import subprocess
import sys

SECONDS = 1.0
WORK = """
import sys, time
end, done = time.perf_counter() + float(sys.argv[1]), 0
while time.perf_counter() < end:
    done += len({str(number): [number, {"at": number}] for number in range(5000)})
print(done)
"""


def two_at_once(rounds: int) -> list[float]:
    """One ratio for each round: 2 where the machine has two cores to give, 1 where there is but one."""
    return [sum(_done(2)) / _done(1)[0] for _ in range(rounds)]


def _done(processes: int) -> list[int]:
    command = [sys.executable, "-c", WORK, str(SECONDS)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    return [int(each.communicate()[0]) for each in started]
