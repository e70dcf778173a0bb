"""Checks the dossier of a case: hashes, order, signatures, law, decision.

Written from silo/Sealing/FORMAT.md alone, with Python's standard library; it shares no code with the product.
    python3 check_dossier.py FILE [--key ID]
Prints what it found; 0 where the dossier holds, 1 where it does not.
"""
import base64
import hashlib
import json
import math
import sys

FORMAT = "streaming-dossier/1"


class Number:
    """A number as it was written: its form is part of what is hashed."""

    def __init__(self, text):
        self.text = text

    def __float__(self):
        return float(self.text)

    def __eq__(self, other):
        return isinstance(other, Number) and self.text == other.text

    def __hash__(self):
        return hash(self.text)


class Broken(Exception):
    pass


def no_duplicates(pairs):
    seen = dict(pairs)
    if len(seen) != len(pairs):
        raise Broken("a member is there twice")
    return seen


def parse(data):
    return json.loads(data, parse_float=Number, parse_int=Number, object_pairs_hook=no_duplicates)


ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def canonical_text(text):
    return '"' + "".join(ESCAPES.get(c) or ("\\u%04x" % ord(c) if ord(c) < 0x20 else c) for c in text) + '"'


def canonical(value):
    if isinstance(value, dict):
        return "{" + ",".join(canonical_text(name) + ":" + canonical(value[name]) for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, str):
        return canonical_text(value)
    if isinstance(value, Number):
        return value.text
    return {True: "true", False: "false", None: "null"}[value]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def hash_of(value):
    return sha256(canonical(value).encode("utf-8"))


# P-256, FIPS 186-4, D.1.2.3; verification as in 6.4 there (X9.62).
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
A = P - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def add(one, other):
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(factor, point):
    total = None
    while factor:
        if factor & 1:
            total = add(total, point)
        point = add(point, point)
        factor >>= 1
    return total


def decode(text):
    """Base 64 with nothing to spare: another text for the same bytes is another text."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode("ascii") != text:
        raise Broken("base 64 that nobody writes")
    return data


def read_integer(der, at):
    if der[at] != 2:
        raise Broken("a signature is not DER")
    length = der[at + 1]
    return int.from_bytes(der[at + 2:at + 2 + length], "big"), at + 2 + length


def signature_holds(public_key, statement, signature):
    der = decode(public_key)
    if len(der) != len(SPKI) + 65 or not der.startswith(SPKI) or der[len(SPKI)] != 4:
        raise Broken("a key is not a P-256 key")
    x, y = int.from_bytes(der[-64:-32], "big"), int.from_bytes(der[-32:], "big")
    if (y * y - x * x * x - A * x - B) % P != 0:
        raise Broken("a key is not a point of the curve")
    sig = decode(signature)
    if sig[0] != 0x30 or sig[1] != len(sig) - 2:
        raise Broken("a signature is not DER")
    r, at = read_integer(sig, 2)
    s, at = read_integer(sig, at)
    if at != len(sig) or not (0 < r < N and 0 < s < N):
        return False
    digest = int.from_bytes(hashlib.sha256(statement).digest(), "big")
    inverse = pow(s, -1, N)
    point = add(times(digest * inverse % N, G), times(r * inverse % N, (x, y)))
    return point is not None and point[0] % N == r


class Check:
    def __init__(self, dossier):
        self.d = dossier
        self.case = dossier["record"]["case"]
        self.flaws = []
        self.keys = {key["id"]: key["publicKey"] for key in dossier["keys"]}
        self.entries = dossier["record"]["entries"]

    def expect(self, holds, flaw, entry=None):
        if not holds:
            self.flaws.append(f"case {self.case}" + (f", entry {entry}" if entry else "") + f": {flaw}")

    def signed(self, where, first, *lines):
        key = self.keys.get(where["key"])
        statement = "".join(line + "\n" for line in (first, self.case) + lines).encode("utf-8")
        return key is not None and signature_holds(key, statement, where["signature"])

    def seal(self):
        for name, key in self.keys.items():
            self.expect(sha256(decode(key))[:16] == name, f"key {name} is another")
        sealed = {name: value for name, value in self.d.items() if name not in ("seal", "files")}
        seal = self.d["seal"]
        self.expect(self.d["format"] == FORMAT, "another format")
        self.expect(hash_of(sealed) == seal["sha256"], "the dossier was changed")
        self.expect(self.signed(seal, "streaming-dossier/1", seal["sha256"]), "the dossier's signature does not hold")

    def chain(self):
        head = hashlib.sha256(("streaming-case-chain/1\n" + self.case).encode("utf-8")).digest()
        erased = {int(each["entry"]["erased"].text) for each in self.entries if "erased" in each["entry"]}
        last = -math.inf
        for number, each in enumerate(self.entries, 1):
            entry = each["entry"]
            head = hashlib.sha256(head + canonical(entry).encode("utf-8")).digest()
            self.expect(head.hex() == each["hash"], "its hash does not follow from its content and the entry before", number)
            self.expect(entry["number"].text == str(number), "its number is out of order", number)
            self.expect(float(entry["atMs"]) >= last, "its time is out of order", number)
            last = float(entry["atMs"])
            if "textSha256" not in entry:
                self.expect("text" not in each, "it has words that nothing vouches for", number)
            elif "text" in each:
                self.expect(hash_of(each["text"]) == entry["textSha256"], "what was written was changed", number)
                self.expect(each["text"]["number"].text == str(number) and each["text"]["case"] == self.case, "its words are another entry's", number)
            else:
                self.expect(number in erased, "what was written is missing and was not erased", number)
        record = self.d["record"]
        self.expect(len(self.entries) > 0 and self.entries[0]["entry"]["what"] in ("opened", "chain-begins"), "the record does not begin with the opening")
        self.expect(record["count"].text == str(len(self.entries)) and record["head"] == head.hex(), "the record ends otherwise than it says")
        self.expect(self.d["case"]["chain"]["head"] == head.hex() and self.d["case"]["id"] == self.case, "the case has another head")
        self.expect(self.signed(record, "streaming-case-head/1", str(len(self.entries)), record["head"]), "the signature of the head does not hold")

    def copies(self):
        rows = {row["id"]: row for row in self.d["copies"]}
        self.expect(len(rows) == len(self.d["copies"]), "a copy is there twice")
        for number, each in enumerate(self.entries, 1):
            entry = each["entry"]
            if "item" in entry:
                row = rows.get(entry["item"]["id"], {})
                self.expect(all(name in row and canonical(row[name]) == canonical(value) for name, value in entry["item"].items()), f"copy {entry['item']['id']} is not as it was sealed", number)
            for file in entry.get("attachments", []):
                self.expect(any(row.get("sha256") == file["sha256"] for row in rows.values()), "an attachment is not among the copies", number)
        self.files = {}
        for file in self.d["files"]:
            data = decode(file["data"])
            self.expect(sha256(data) == file["sha256"], f"file {file['sha256']} was changed")
            self.files[file["sha256"]] = data
        self.expect([file["sha256"] for file in self.d["files"]] == self.d["included"], "the files are not those of the dossier")
        known = {row.get(name) for row in rows.values() for name in ("sha256", "decodedSha256")}
        self.expect(all(name in known for name in self.d["included"]), "a file belongs to no copy")

    def decisions(self):
        warned = [number for number, each in enumerate(self.entries, 1) if "warning" in each["entry"]]
        self.expect([int(decision["entry"].text) for decision in self.d["decisions"]] == warned, "the decisions are not those of the record")
        for decision in self.d["decisions"]:
            number = int(decision["entry"].text)
            warning = self.entries[number - 1]["entry"]["warning"]
            same = (decision["warning"] == warning["id"] and decision["kind"] == warning["kind"] and canonical(decision["figures"]) == canonical(warning["evidence"]["figures"])
                    and all(canonical(decision[name]) == canonical(warning[name]) for name in ("model", "rulebook", "severity", "confidence"))
                    and all(decision.get(name) == warning["evidence"].get(name) for name in ("limit", "legalSource")))
            self.expect(same, "the decision is not the warning's", number)
            if decision.get("formula") == "normal/1":
                Decision(self, decision, warning, number).check()


# Gross limits by axles: 超限运输车辆行驶公路管理规定 Art. 3, as in GB 1589-2016. Rigid, combination, combination with a single drive axle, kg.
GROSS = {2: (18000, None, None), 3: (25000, 27000, None), 4: (31000, 36000, None), 5: (None, 43000, None), 6: (None, 49000, 46000)}

# The same by 96/53/EC Annex I, without the exceptions for suspensions and containers.
GROSS_EU = {2: (18000, None, None), 3: (26000, None, None), 4: (32000, 38000, None), 5: (None, 40000, None), 6: (None, 40000, None)}

# Limits of axles, kg, as 96/53/EC Annex I and GB 1589-2016 have them, of trailers and of motor vehicles: an axle alone or driven; two and three together, by the widest spacing between two of them, m (below, or up to).
SINGLE = {7000, 10000, 11500}
TANDEM = ((1.0, {11000, 11500}), (1.3, {16000}), (1.8, {18000, 19000}))
TRI_AXLE = ((1.3, {21000}), (1.4, {24000}))


def phi(z):
    return 0.5 * math.erfc(-z / math.sqrt(2))


class Decision:
    """Judges a warning of mass once more."""

    def __init__(self, check, decision, warning, number):
        self.c, self.d, self.w, self.n = check, decision, warning, number
        self.f = {name: float(value) for name, value in decision["figures"].items()}

    def expect(self, holds, flaw):
        self.c.expect(holds, flaw, self.n)

    def probability(self, mass, limit, accuracy):
        deviation = mass * accuracy / 100 / 1.96
        return min(0.9999, round(phi((mass - limit) / deviation), 4))

    def check(self):
        f = self.f
        self.expect(f["overKg"] == max(0, f["grossKg"] - f["limitKg"]), "the kilograms over the limit do not add up")
        weighed = self.weighed()
        if weighed is not None:
            self.expect(weighed["grossKg"] == f["grossKg"], "the payload has another mass than the warning")
            self.expect(len(weighed["axles"]) == f["axles"], "the payload has other axles than the warning")
        if self.w["kind"] == "over-road-limit":
            self.expect(f["limitKg"] in self.limits(weighed), f"the law has no limit of {f['limitKg']:.0f} kg for this vehicle")
            self.expect(any(law in (self.d.get("legalSource") or "") for law in ("Art. 3", "1589", "96/53")), "the law is not named")
            if "axlesKg" in f:
                self.axles(weighed)
        else:
            self.rating()
        candidates = []
        if f["grossKg"] > f["limitKg"]:
            candidates.append(self.probability(f["grossKg"], f["limitKg"], f["accuracyPct"]))
        if "axlesKg" in f:
            candidates.append(self.probability(f["axlesKg"], f["axlesLimitKg"], f["axlesAccuracyPct"]))
        self.expect(len(candidates) > 0, "nothing is over any limit")
        scores = {score["part"]: float(score["score"]) for score in self.d.get("scores", [])}
        said = float(self.d["confidence"])
        if "judge" in scores:
            # A learned model judged; what the formula says stands beside it.
            self.expect(abs(said - scores["judge"]) < 5e-5, "the confidence is not that of the model that judged")
            said = scores.get("built-in", max(candidates))
            self.expect(any(model["model"] == self.d["model"] for model in self.d["rule"].get("models", [])) or "models" not in self.d["rule"], "the model that judged has no file")
        # Two decimals of the fourth place: the product's approximation is good to 1.5e-7.
        self.expect(abs(max(candidates) - said) < 1.5e-4, f"the probability is {max(candidates)} and not {said}")

    def axles(self, weighed):
        """The axles that are said to be over, by the payload and the law."""
        f = self.f
        self.expect(f["axlesOverKg"] == f["axlesKg"] - f["axlesLimitKg"] > 0, "the kilograms over the limit of the axles do not add up")
        if weighed is None:
            return
        first, count = int(f["axlesFirst"]) - 1, int(f["axlesCount"])
        group = weighed["axles"][first:first + count]
        self.expect(len(group) == count and sum(float(axle["massKg"]) for axle in group) == f["axlesKg"], "the payload has other masses on these axles")
        places = [float(axle["offsetM"]) for axle in group]
        widest = max((behind - before for before, behind in zip(places, places[1:])), default=0)
        if count == 1:
            allowed = SINGLE
        elif count == 2:
            allowed = next((limits for below, limits in TANDEM if widest < below - 1e-9), set())
        else:
            allowed = next((limits for upto, limits in TRI_AXLE if widest <= upto + 1e-9), set()) if count == 3 else set()
        self.expect(f["axlesLimitKg"] in allowed, f"the law has no limit of {f['axlesLimitKg']:.0f} kg for {count} axles {widest:.2f} m apart")

    def rating(self):
        """The load that the vehicle is registered for, by its register entry and the law."""
        f = self.f
        self.expect(f["limitKg"] == f["curbKg"] + f["ratedLoadKg"], "the rating does not add up")
        self.expect(f["loadKg"] == f["grossKg"] - f["curbKg"] and f["overKg"] == f["loadKg"] - f["ratedLoadKg"], "the load does not add up")
        self.expect("Art. 92" in (self.d.get("legalSource") or ""), "the law is not named")
        entry = self.registered("vehicles")
        if entry:
            said = {"ratedLoadKg": f["ratedLoadKg"], "curbKg": f["curbKg"], "axles": f["axles"]}
            self.expect(all(name in entry and float(str(entry[name])) == value for name, value in said.items()), "the register says something else")

    def weighed(self):
        """The payload of the newest reading that the warning cites and whose mass is the warning's."""
        for cited in reversed(self.w["evidence"]["readings"]):
            for copy in self.c.d["copies"]:
                if copy["kind"] == "reading" and copy.get("reading") == cited["id"] and copy.get("source") == cited["source"] and copy.get("sha256") in self.c.files:
                    payload = json.loads(self.c.files[copy["sha256"]])
                    for element in payload if isinstance(payload, list) else [payload]:
                        if element.get("id") == cited["id"] and float(element.get("grossKg", -1)) == self.f["grossKg"]:
                            return element
        return None

    def limits(self, weighed):
        axles = min(int(self.f["axles"]), 6)
        rigid, combination, single = (GROSS_EU if "96/53" in (self.d.get("legalSource") or "") else GROSS)[axles]
        entry = self.registered("vehicles")
        body = entry.get("vehicleClass") or (weighed or {}).get("vehicleClass")
        permits = [float(values["grossKg"]) for values in self.all_registered("permits") if "grossKg" in values]
        if single is not None and str(entry.get("driveAxles")) == "1":
            allowed = [single]
        elif body == "rigid" and rigid is not None:
            allowed = [rigid]
        elif body == "combination" and combination is not None:
            allowed = [combination]
        else:
            allowed = [max(limit for limit in (rigid, combination) if limit is not None)]
        return allowed + permits

    def registered(self, register):
        return next(iter(self.all_registered(register)), {})

    def all_registered(self, register):
        data = self.c.files.get(self.d.get("register"))
        if data is None:
            return []
        return [span["values"] for entry in json.loads(data)["entries"] if entry["register"] == register for span in entry["spans"]]


def main(arguments):
    with open(arguments[0], "rb") as file:
        data = file.read()
    try:
        check = Check(parse(data.decode("utf-8")))
        check.seal()
        check.chain()
        check.copies()
        check.decisions()
        if len(arguments) == 3 and arguments[1] == "--key":
            check.expect(check.d["seal"]["key"] == arguments[2], "it is signed by another key")
        flaws = check.flaws
    except (Broken, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as broken:
        flaws = [f"it does not read as a dossier: {type(broken).__name__} {broken}"]
    for flaw in flaws:
        print("REFUSED: " + flaw)
    if not flaws:
        print(f"HOLDS: case {check.case}, {len(check.entries)} entries, {len(check.d['files'])} files, {len(check.d['decisions'])} decisions")
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
