"""What is in the Debian package, and that it says the truth."""
import gzip
import json
import re

from conftest import BINARY, TOP, run

#: All files, and their modes where they are not those of a document.
FILES = {
    "usr/bin/plughook": "-rwxr-xr-x",
    "usr/share/doc/plughook/examples/runit/run": "-rwxr-xr-x",
    **dict.fromkeys([
        "usr/lib/systemd/system/plughook.service",
        "usr/lib/sysusers.d/plughook.conf",
        "usr/lib/udev/rules.d/60-plughook.rules",
        "usr/share/bash-completion/completions/plughook",
        "usr/share/doc/plughook/README.md.gz",
        "usr/share/doc/plughook/changelog.gz",
        "usr/share/doc/plughook/copyright",
        "usr/share/doc/plughook/examples/container/Containerfile",
        "usr/share/doc/plughook/examples/credentials.conf",
        "usr/share/doc/plughook/examples/lab.json",
        "usr/share/doc/plughook/examples/receivers.conf",
        "usr/share/doc/plughook/threat-model.md.gz",
        "usr/share/fish/vendor_completions.d/plughook.fish",
        "usr/share/man/man1/plughook.1.gz",
        "usr/share/man/man5/plughook.json.5.gz",
        "usr/share/man/man8/plughook-agent.8.gz",
        "usr/share/plughook/config.json",
        "usr/share/plughook/config.schema.json",
        "usr/share/plughook/grafana-dashboard.json",
        "usr/share/plughook/templates/discord.mustache",
        "usr/share/plughook/templates/slack.mustache",
        "usr/share/plughook/templates/teams.mustache",
        "usr/share/zsh/vendor-completions/_plughook",
    ], "-rw-r--r--"),
}


def said(*words):
    return run(BINARY, *words).stdout


def page(files, name):
    """A manual page as it is read, without the breaks of its lines."""
    text = run("man", "--encoding=UTF-8", "--local-file", files / "usr/share/man" / name,
               env={"PATH": "/usr/bin:/bin", "MANWIDTH": "1000", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""}).stdout
    return " ".join(text.split())


def test_it_holds_these_files_and_no_others(deb):
    found = {}
    for line in run("dpkg-deb", "--contents", deb).stdout.splitlines():
        mode, owner, _, _, _, name = line.split(None, 5)
        assert owner == "root/root", line
        if mode.startswith("d"):
            assert mode == "drwxr-xr-x", line
        else:
            found[name.removeprefix("./")] = mode
    assert found == FILES


def test_the_configuration_is_no_conffile(deb):
    assert "conffiles" not in run("dpkg-deb", "--info", deb).stdout


def test_it_depends_on_the_libraries_of_the_system(deb):
    field = run("dpkg-deb", "--field", deb, "Depends").stdout
    wanted = {word.split()[0] for word in field.split(",")}
    assert {"libc6", "libcurl4", "libsqlite3-0", "libssl3", "libudev1", "libusb-1.0-0"} <= wanted
    # Swift's own are in the program.
    assert not re.search("swift|foundation|dispatch", field, re.IGNORECASE)


def test_its_version_is_the_programs(deb):
    assert run("dpkg-deb", "--field", deb, "Version").stdout == said("--version")


def test_the_first_configuration_is_good(files):
    assert "good, 0 webhooks" in said("check", "--config", files / "usr/share/plughook/config.json")


def test_the_example_of_a_lab_is_good(files, tmp_path):
    example = (files / "usr/share/doc/plughook/examples/lab.json").read_text()
    (tmp_path / "config.json").write_text(example.replace("/usr/share", f"{files}/usr/share"))
    secret = tmp_path / "ci-secret"
    secret.write_text(said("webhooks", "secret", "new"))
    secret.chmod(0o640)
    assert "good, 2 webhooks, 3 listed devices" in said("check", "--config", tmp_path / "config.json")


def test_the_schema_is_the_programs(files):
    assert (files / "usr/share/plughook/config.schema.json").read_text() == said("schema")


def test_the_page_of_the_command_tells_all_that_it_can_do(files):
    text = page(files, "man1/plughook.1.gz")

    def look(command, path):
        assert command["abstract"] in text or path == "plughook", path
        for argument in command["arguments"]:
            for name in argument.get("names", []) if argument["shouldDisplay"] else []:
                assert ("-" if name["kind"] == "short" else "--") + name["name"] in text, f"{path}: {name}"
            assert " ".join(argument.get("abstract", "").split()) in text or not argument["shouldDisplay"], path
        for paragraph in command.get("discussion", "").split("\n\n"):
            assert " ".join(paragraph.split("\n")[-1].split()) in text, f"{path}: {paragraph}"
        for below in command.get("subcommands", []):
            if below["commandName"] != "help":
                look(below, f"{path} {below['commandName']}")
    look(json.loads(said("--experimental-dump-help"))["command"], "plughook")


def test_the_page_of_the_file_tells_all_keys_that_are_taken(files):
    text = page(files, "man5/plughook.json.5.gz")

    def look(schema, path):
        for name, member in schema.get("properties", {}).items():
            told = f" {path}{name} "
            assert (told in text) != (member.get("not") == {}), told
            if member.get("not") != {}:
                assert member["description"] in text, told
                look(member, f"{path}{name}.")
                look(member.get("items", {}), f"{path}{name}[].")
    look(json.loads(said("schema")), "")


def test_the_page_of_the_service_names_what_the_unit_says(files):
    unit = (files / "usr/lib/systemd/system/plughook.service").read_text()
    text = page(files, "man8/plughook-agent.8.gz")
    (seconds,) = re.findall(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)
    assert f"for {seconds} seconds" in text
    (never,) = re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)
    assert all(f"({status})" in text and f" {status} " in text for status in never.split())
    for place in ("/etc/plughook/config.json", "/var/lib/plughook", "/run/plughook/control.sock",
                  "/usr/lib/udev/rules.d/60-plughook.rules", "/usr/share/doc/plughook/examples"):
        assert place in text
    assert all(name in FILES or f"usr/share/doc/plughook/examples/{name}" in FILES
               for name in re.findall(r"\w+\.conf\b", text))


def test_completions_are_read_by_their_shells(files):
    completion = files / "usr/share/bash-completion/completions/plughook"
    asked = f'source "{completion}"; complete -p plughook; COMP_WORDS=(plughook st); COMP_CWORD=1 COMP_LINE="plughook st"; ' \
            'COMP_POINT=11; _plughook plughook st plughook 2>/dev/null; printf "%s\\n" "${COMPREPLY[@]}"'
    answer = run("bash", "--norc", "-c", asked).stdout
    assert "_plughook" in answer and "status" in answer
    assert (files / "usr/share/zsh/vendor-completions/_plughook").read_text().startswith("#compdef plughook\n")
    assert "complete -c 'plughook'" in (files / "usr/share/fish/vendor_completions.d/plughook.fish").read_text()


def test_drop_ins_are_read_by_systemd(files, tmp_path):
    unit = tmp_path / "plughook.service"
    unit.write_text((files / "usr/lib/systemd/system/plughook.service").read_text()
                    .replace("/usr/bin/plughook", f"{files}/usr/bin/plughook"))
    folder = tmp_path / "plughook.service.d"
    folder.mkdir()
    for example in (files / "usr/share/doc/plughook/examples").glob("*.conf"):
        (folder / example.name).write_text(example.read_text())
    done = run("systemd-analyze", "verify", "--man=no", unit)
    assert done.stdout + done.stderr == ""


def test_the_readme_is_the_projects(files):
    with gzip.open(files / "usr/share/doc/plughook/README.md.gz", "rt") as file:
        assert file.read() == (TOP / "README.md").read_text()


def test_wrong_calls_of_the_builder_are_told():
    for words, status, text in (
            (["--output"], 64, "--output wants a value"),
            (["--fast"], 64, "unknown option '--fast'"),
            (["--binary", "/nonexistent"], 66, "there is no program /nonexistent"),
            (["--binary", BINARY, "--version", "1 0"], 64, "'1 0' is no version"),
    ):
        done = run(TOP / "packaging/build-deb", *words, check=False)
        assert (done.returncode, text in done.stderr) == (status, True), done.stderr
