"""The package and packaging/install on a host without a service manager: what they make, keep and take away."""
from conftest import BINARY, TOP

ACCOUNTS = "getent passwd plughook || true; getent group plughook plughook-view plughook-admin || true"


def states(host):
    """Owner, group, mode of all that is ours in /etc and /var/lib."""
    return host.sh("find /etc/plughook /var/lib/plughook -printf '%p %u:%g %m\\n' | sort")


def traces(host):
    """What is left of Plughook: files by their names, and lines in those of the accounts."""
    accounts = host.sh("grep -n plughook /etc/passwd /etc/group /etc/shadow /etc/gshadow || true")
    return host.written("*plughook*") + accounts.splitlines()


MADE = """\
/etc/plughook plughook:plughook 2750
/etc/plughook/config.json plughook:plughook 640
/var/lib/plughook plughook:plughook 700
"""


def test_installing_makes_accounts_directories_and_a_configuration(installed):
    assert states(installed) == MADE
    user, *groups = installed.sh(ACCOUNTS).splitlines()
    assert user.split(":")[4:] == ["Plughook agent", "/var/lib/plughook", "/usr/sbin/nologin"]
    assert [group.split(":")[0] for group in groups] == ["plughook", "plughook-view", "plughook-admin"]
    assert installed.sh("id -Gn plughook") == "plughook\n"
    assert "good" in installed.sh("plughook check")
    assert installed.sh("ls -l /etc/systemd/system/multi-user.target.wants/").count("plughook.service") == 2


def test_a_secret_of_roots_is_readable_for_the_agent_and_for_nobody_else(installed):
    installed.sh("umask 027; plughook webhooks secret new > /etc/plughook/ci-secret")
    assert installed.sh("setpriv --reuid plughook --regid plughook --clear-groups cat /etc/plughook/ci-secret")
    assert installed.run("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "cat",
                         "/etc/plughook/ci-secret", check=False).returncode != 0


def test_the_agent_changes_its_configuration_and_leaves_one_of_roots_alone(installed):
    def change(owner):
        return installed.run("sh", "-ec", f"""
            echo '{{"webhooks": [{{"name": "ci", "url": "http://127.0.0.1:9/", "events": ["online"]}}]}}' > /new
            install -m 640 -o {owner} -g plughook /new /etc/plughook/config.json
            install -d -o plughook -g plughook /run/plughook
            setpriv --reuid plughook --regid plughook --clear-groups plughook run 2> /log & agent=$!
            trap 'kill $agent; wait $agent' EXIT
            n=0; until [ -S /run/plughook/control.sock ]; do sleep 0.1; n=$((n + 1)); [ $n -lt 600 ]; done
            plughook webhooks edit ci --events offline""", check=False)
    assert change("plughook").returncode == 0
    assert '"offline"' in installed.sh("cat /etc/plughook/config.json")
    assert states(installed).splitlines()[1] == "/etc/plughook/config.json plughook:plughook 640"
    refused = change("root")
    assert (refused.returncode, "change its owner" in refused.stderr) == (75, True), refused.stderr


def test_an_upgrade_leaves_what_is_there(installed, deb):
    installed.sh("echo '{ \"orgId\": 7 }' > /etc/plughook/config.json; chmod 600 /etc/plughook/config.json")
    installed.sh("chown root:root /etc/plughook; chmod 755 /etc/plughook; usermod -aG plughook-view nobody")
    before = states(installed), installed.sh(ACCOUNTS)
    installed.dpkg("--install", deb)
    assert (states(installed), installed.sh(ACCOUNTS)) == before
    assert installed.sh("cat /etc/plughook/config.json") == '{ "orgId": 7 }\n'


def test_a_configuration_from_before_stays(fresh, deb):
    fresh.sh("mkdir /etc/plughook; echo '{}' > /etc/plughook/config.json")
    fresh.dpkg("--install", deb)
    assert fresh.sh("cat /etc/plughook/config.json") == "{}\n"


def test_the_scripts_may_run_again(installed):
    installed.sh("/var/lib/dpkg/info/plughook.postinst configure 0.1.0; /var/lib/dpkg/info/plughook.postinst configure")
    assert states(installed) == MADE


def test_removal_keeps_what_the_user_has_and_purge_takes_it(installed):
    installed.sh("touch /var/lib/plughook/plughook.sqlite3 /etc/plughook/ci-secret /etc/plughook/.hidden")
    before = states(installed)
    installed.dpkg("--remove", "plughook")
    assert states(installed) == before
    assert [file for file in installed.written("*plughook*") if file.startswith("/usr")] == []
    assert len(traces(installed)) > 8
    installed.dpkg("--purge", "plughook")
    assert traces(installed) == []


def test_without_userdel_the_accounts_stay_and_it_is_told(installed):
    installed.sh("rm /usr/sbin/userdel")
    done = installed.dpkg("--purge", "plughook")
    assert "The accounts of Plughook stay" in done.stderr
    assert installed.written("*plughook*") == [] and installed.sh(ACCOUNTS) != ""


def test_installing_again_after_removal_finds_it_all(installed, deb):
    installed.sh("echo '{ \"orgId\": 7 }' > /etc/plughook/config.json")
    before = states(installed)
    installed.dpkg("--remove", "plughook")
    installed.dpkg("--install", deb)
    assert states(installed) == before


def test_somebody_elses_account_of_that_name_survives(fresh, deb):
    fresh.sh("useradd --create-home plughook")
    before = fresh.sh("getent passwd plughook")
    fresh.dpkg("--install", deb)
    fresh.dpkg("--purge", "plughook")
    assert fresh.sh("getent passwd plughook") == before


def test_a_name_in_the_agents_directory_leads_root_nowhere(installed, deb):
    """Who has the agent's rights could put links where root writes next."""
    installed.sh("""rm /etc/plughook/config.json
                    for name in config.json config.json.new .config.json.new; do ln -s /etc/stolen /etc/plughook/$name; done""")
    installed.dpkg("--install", deb)
    assert installed.sh("ls /etc/stolen /etc/plughook.* /etc/tmp.* 2>/dev/null || true") == ""


def test_install_does_without_dpkg_what_the_package_does(fresh):
    script = TOP / "packaging/install"
    done = fresh.run(script, "--binary", BINARY)
    assert "systemd does not run here" in done.stdout
    assert states(fresh) == MADE
    assert "good" in fresh.sh("/usr/local/bin/plughook check")
    assert "/usr/local/bin/plughook run" in fresh.sh("cat /usr/local/lib/systemd/system/plughook.service")
    # As an upgrade, with the program in use.
    fresh.sh(f"/usr/local/bin/plughook listen --listen 127.0.0.1:0 & {script} --binary {BINARY}; kill $!")
    assert "Kept: /etc/plughook" in fresh.run(script, "--uninstall").stdout
    assert states(fresh) == MADE
    fresh.run(script, "--uninstall", "--purge")
    assert traces(fresh) == []


def test_install_refuses_a_host_that_has_the_package(installed):
    done = installed.run(TOP / "packaging/install", "--binary", BINARY, check=False)
    assert (done.returncode, "the Debian package is installed here" in done.stderr) == (73, True)
