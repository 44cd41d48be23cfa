"""One candidate of parcel: its image, its commit, and the reports about it.

The reports are those in ``fixtures/``: of real tools where there is one that runs anywhere, else written to the format
that is published. Each is about some version 1.4.0 on some day; here version, commit and digests become the
candidate's, and the times move so that the report is of today. Nothing else is changed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "fixtures"
NAME = "registry.example.org/acme/parcel"
IMAGE, MANIFEST = "written/image.json", "release.toml"
NOW = datetime.now(tz=UTC).replace(microsecond=0) - timedelta(minutes=1)
TIME = re.compile(r"\b(?P<text>20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d)|\b(?P<number>17[67]\d{7})\b")

# What the reports in fixtures/ call the commit, the artifact and its rebuild.
COMMIT = "8861a3da2528faba22d54f8590c3413cb7e0c1d1"
WHEEL = "d4e7375b61224444169509702b473afc47833872b0bf0bfbc72c69718135193c"
REBUILT = "8e271d97f50971d270ef166bcd3ddabf2f79a3ce8642888fa0211300c962b9e0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A candidate, and the release that it would replace.

    Attributes:
        version: Its version.
        before: The version that runs today.
    """

    version: str
    before: str = "1.2.0"

    @property
    def commit(self) -> str:
        """The commit it is built from; an invented one."""
        return hashlib.sha1(self.version.encode(), usedforsecurity=False).hexdigest()

    @property
    def image(self) -> str:
        """The configuration of its image."""
        text = (FIXTURES / IMAGE).read_text(encoding="utf-8")
        return moved(text.replace('"depot"', '"parcel"').replace('"1.0.0"', f'"{self.version}"'))

    @property
    def digest(self) -> str:
        """The id of its image, which is the digest of the configuration."""
        return hashlib.sha256(self.image.encode()).hexdigest()

    @property
    def subject(self) -> str:
        """What is judged."""
        return f"{NAME}@sha256:{self.digest}"

    @property
    def source(self) -> str:
        """The commit, as a subject."""
        return f"github.com/acme/parcel@gitCommit:{self.commit}"

    def report(self, name: str) -> str:
        """The report ``fixtures/NAME``, or the one beside this file, about this candidate and of today."""
        if name == IMAGE:
            return self.image
        beside = HERE / "reports" / name
        text = (beside if beside.exists() else FIXTURES / name).read_text(encoding="utf-8")
        for old, new in self._names(name).items():
            text = text.replace(old, new)
        return moved(text)

    def _names(self, name: str) -> dict[str, str]:
        """What stands in the report, and what it is here."""
        before = Release(version=self.before).digest
        wheel = hashlib.sha256(f"parcel {self.version}".encode()).hexdigest()
        zeros, ones = (wheel, self.digest) if name == MANIFEST else (self.digest, before)
        return {
            COMMIT: self.commit,
            WHEEL: self.digest,
            REBUILT: self.digest,
            "0" * 64: zeros,
            "1" * 64: ones,
            "1.3.0": self.before,
            "1.4.0": self.version,
        }


def moved(text: str) -> str:
    """The same text with all its times moved by as much, so that the latest is now, but for what is due later."""
    times = [_read(found) for found in TIME.finditer(re.sub(r"(?m)^(due_at|closed_at).*", "", text))]
    by = NOW - max(times, default=NOW)
    return TIME.sub(lambda found: _written(found, _read(found) + by), text)


def _read(found: re.Match[str]) -> datetime:
    if found["number"]:
        return datetime.fromtimestamp(int(found["number"]), tz=UTC)
    return datetime.fromisoformat(f"{found['text']}+00:00")


def _written(found: re.Match[str], time: datetime) -> str:
    if found["number"]:
        return str(int(time.timestamp()))
    return time.strftime(f"%Y-%m-%d{found['text'][10]}%H:%M:%S")
