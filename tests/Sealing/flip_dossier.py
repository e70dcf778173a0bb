"""Changes a dossier by one byte, at many places one after the other, and lets check_dossier judge each: all have to be refused.

    python3 flip_dossier.py FILE PLACES
Prints how many were tried, and every one that passed.
"""
import sys

import check_dossier


def refused(data):
    try:
        check = check_dossier.Check(check_dossier.parse(data.decode("utf-8")))
        check.seal()
        if check.flaws:
            return True
        check.chain()
        check.copies()
        check.decisions()
        return bool(check.flaws)
    except (check_dossier.Broken, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError):
        return True


def main(arguments):
    with open(arguments[0], "rb") as file:
        data = file.read()
    if refused(data):
        print("The dossier itself does not hold.")
        return 1
    step = max(1, len(data) // int(arguments[1]))
    tried, passed = 0, []
    for at in range(1, len(data), step):
        changed = bytearray(data)
        changed[at] = {ord("0"): ord("1"), ord("a"): ord("b"), ord("A"): ord("B")}.get(data[at], data[at] ^ 1)
        tried += 1
        if not refused(bytes(changed)):
            passed.append((at, data[max(0, at - 30):at + 10]))
    for at, around in passed:
        print(f"PASSED at byte {at}: {around!r}")
    print(f"{tried} places tried, {len(passed)} passed")
    return 1 if passed or tried < 50 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
