"""Every shared sample is read or refused as the table says, and the table and the page on formats are whole."""

from __future__ import annotations

import pytest

from gatekeeper.collect import registry
from gatekeeper.errors import MalformedError, UsageError
from samples import FOLDERS, PAGE, SAMPLES, START, Sample, table
from shared import SHARED, needs_shared

pytestmark = needs_shared


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_a_sample_comes_out_as_the_table_says(sample: Sample) -> None:
    if sample.refused:
        with pytest.raises((MalformedError, UsageError)) as refused:
            registry.read(sample.report)
        assert refused.value.code == sample.refused
        assert refused.value.where.startswith(sample.path)
        return
    reading = registry.read(sample.report)

    assert (reading.format, reading.facts["complete"]) == (sample.format, sample.complete)


def test_every_file_of_the_folders_is_in_the_table_once() -> None:
    assert SHARED is not None
    fixtures = SHARED / "fixtures"
    files = {
        path.relative_to(fixtures).as_posix()
        for folder in FOLDERS
        for path in (fixtures / folder).rglob("*")
        if path.is_file()
    }

    assert sorted(sample.path for sample in SAMPLES) == sorted(files)


def test_whatever_is_no_format_that_is_read_is_refused_and_never_taken_for_one() -> None:
    assert SHARED is not None
    fixtures = SHARED / "fixtures"
    listed = {sample.path for sample in SAMPLES}
    strangers = [
        path
        for path in sorted(fixtures.rglob("*"))
        if path.is_file() and path.stat().st_size < 300_000 and path.relative_to(fixtures).as_posix() not in listed
    ]
    ours = {sample.format for sample in SAMPLES}
    taken = []
    for path in strangers:
        report = Sample(path=path.relative_to(fixtures).as_posix()).report
        try:
            if registry.detect(report).format in ours:
                taken.append(report.name)
        except (MalformedError, UsageError):
            continue

    assert taken == []


def test_the_page_on_formats_has_the_table_as_it_is_now() -> None:
    assert PAGE.read_text(encoding="utf-8").partition(START)[2].strip() == table().strip()
