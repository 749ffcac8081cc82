"""packaging/install below a directory: which files, and that they go again; and what it says to a wrong call."""
import os
import pathlib

import pytest
from conftest import BINARY, TOP, run
from test_package import FILES

SCRIPT = TOP / "packaging/install"


def tree(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_below_a_root_it_puts_the_packages_files_and_takes_them_away(tmp_path):
    run(SCRIPT, "--root", tmp_path, "--prefix", "/opt/plughook/", "--binary", BINARY)
    of_debian = {"usr/share/doc/plughook/changelog.gz", "usr/share/doc/plughook/copyright"}
    assert tree(tmp_path) == {
        name.removesuffix(".gz").replace("vendor-completions", "site-functions").replace("usr/", "opt/plughook/", 1)
        for name in set(FILES) - of_debian}
    unit = (tmp_path / "opt/plughook/lib/systemd/system/plughook.service").read_text()
    assert "ExecStart=/opt/plughook/bin/plughook run" in unit and "/usr/" not in unit
    assert "/opt/plughook/share/plughook" in (tmp_path / "opt/plughook/share/man/man8/plughook-agent.8").read_text()
    run(SCRIPT, "--root", tmp_path, "--prefix", "/opt/plughook", "--uninstall")
    # The directories that every prefix has.
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    base = "opt/plughook"
    assert left == {"opt", base, *(f"{base}/{name}" for name in ("bin", "lib", "share", "share/doc", "share/man"))}


def test_others_files_stay(tmp_path):
    run(SCRIPT, "--root", tmp_path, "--binary", BINARY)
    other = tmp_path / "usr/local/share/plughook/templates/own.mustache"
    other.write_text("{}")
    run(SCRIPT, "--root", tmp_path, "--uninstall")
    assert tree(tmp_path) == {str(other.relative_to(tmp_path))}


def test_paths_are_those_from_where_it_is_called(tmp_path):
    run(SCRIPT, "--root", "image", "--binary", os.path.relpath(BINARY, tmp_path), cwd=tmp_path)
    assert (tmp_path / "image/usr/local/bin/plughook").is_file()


@pytest.mark.parametrize("words, status, text", [
    (["--fast"], 64, "unknown option '--fast'; see --help"),
    (["--root"], 64, "--root wants a value"),
    (["--prefix", "opt", "--root", "/nonexistent"], 64, "--prefix wants a path from the root, not 'opt'"),
    (["--purge"], 64, "--purge goes with --uninstall"),
    (["--uninstall", "--purge", "--root", "/nonexistent"], 64, "--purge is for the host itself"),
    (["--root", "/nonexistent", "--binary", "/nonexistent/plughook"], 66, "there is no program /nonexistent/plughook"),
])
def test_a_wrong_call_is_told_and_changes_nothing(words, status, text):
    done = run(SCRIPT, *words, check=False)
    assert (done.returncode, text in done.stderr) == (status, True), done.stderr
    assert not pathlib.Path("/nonexistent").exists()


def test_on_the_host_itself_it_wants_root():
    who = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    who += ["env", "TMPDIR=/tmp"]  # the tester's own may be closed to others
    for words in ([], ["--uninstall"]):
        done = run(*who, "bash", SCRIPT, *words, "--binary", "/bin/true", check=False)
        assert (done.returncode, "only root can" in done.stderr) == (77, True), done.stderr


def test_help_is_the_head_of_the_script():
    assert "packaging/install --uninstall --purge" in run(SCRIPT, "--help").stdout
