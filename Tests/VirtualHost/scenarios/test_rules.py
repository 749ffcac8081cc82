"""What the udev rules make of what is plugged in: phones and no others can be opened, and are left alone."""
import json, os, re

from guest import TOP, wait_for

SOURCES = os.path.join(os.path.dirname(os.path.dirname(TOP)), "Sources", "Core", "Devices")
#: Interfaces that say something, and one that says nothing and that no driver takes.
ADB, FASTBOOT, STILL_IMAGE, VENDOR_MTP, USBMUX, OTHER = "ff/42/01", "ff/42/03", "06/01/01", "ff/ff/00", "ff/fe/02", "ff/00/00"

#: Of each USB device with a serial: its port, and that serial; the group of its node.
PORTS = "cd /sys/bus/usb/devices && for d in [0-9]*-*/serial; do echo $(cat $d) ${d%/serial}; done"
GROUPS = ("cd /sys/bus/usb/devices && for d in [0-9]*-*/serial; do "
           ". ${d%serial}uevent; echo ${d%/serial} $(stat -c %G /dev/$DEVNAME); done")


def looked_at(host, serial):
    """A device as udev and the kernel have it: properties, mode and owner of its node, and whether it may be suspended."""
    path = host.run(f"dirname $(grep -lx '{serial}' /sys/bus/usb/devices/*/serial)").strip()
    properties = dict(line.split("=", 1) for line in host.run(f"udevadm info -q property {path}").splitlines())
    node = host.run(f"stat -c '%a %U:%G' {properties['DEVNAME']}; cat {path}/power/control").splitlines()
    return path, properties, node


def test_a_phone_may_be_opened_and_is_left_alone_and_a_stick_is_not_touched(service):
    host = service
    host.plug("PIXEL")
    host.phone("plug", "iphone", "--serial", "00008110001A2B3C4D5E6F70", "--wait", "60")
    host.machine.add_usb("stick", "usb-storage", port="1.8", serial="STICK0001")
    try:
        wait_for(lambda: "STICK0001" in host.serials(), 60, "the kernel to see the stick")
        # As a power manager would have it, before the rules are asked.
        host.run("udevadm settle; for d in /sys/bus/usb/devices/*/serial; do echo auto >$(dirname $d)/power/control; done; "
                 "udevadm trigger --settle --action=add --subsystem-match=usb --property-match=DEVTYPE=usb_device")
        path, phone, node = looked_at(host, "PIXEL")
        assert node == ["660 root:plugdev", "on"]
        assert "uaccess" in phone["TAGS"].split(":")
        assert phone["ID_MM_DEVICE_IGNORE"] == "1"
        assert re.fullmatch(r"pci-0000:00:\d\d\.0-usb-0:1\.1", phone["ID_PATH"])
        # Its owner is who usbmuxd runs as.
        _, iphone, node = looked_at(host, "00008110001A2B3C4D5E6F70")
        assert node == ["660 usbmux:plugdev", "on"] and iphone["ID_MM_DEVICE_IGNORE"] == "1"
        _, stick, node = looked_at(host, "STICK0001")
        assert node == ["664 root:root", "auto"]
        assert "ID_MM_DEVICE_IGNORE" not in stick and "uaccess" not in stick.get("TAGS", "")
        # udev has nothing to say against the file, for any action.
        for action in ("add", "change", "bind", "unbind", "remove"):
            said = host.run(f"udevadm test --action={action} {path} 2>&1")
            about = [line for line in said.splitlines() if "plughook" in line]
            assert about and not re.search(r"(?i)invalid|unknown|unexpected|fail|ignoring|unused", "\n".join(about)), about
    finally:
        host.machine.remove_usb("stick")


def hexadecimal(text):
    """All that a Swift pattern of numbers and ranges names, the edges of a range, and the number on each side of either."""
    for first, last in re.findall(r"0x([0-9a-f]{4})(?:\.\.\.0x([0-9a-f]{4}))?", text):
        first, last = int(first, 16), int(last or first, 16)
        yield from (first - 1, first, last, last + 1)


def kinds():
    """(vendor, product, interface) of what is to be judged alike: of each entry of the agent's tables and its neighbours."""
    with open(os.path.join(SOURCES, "USBMode.swift")) as f:
        tables = f.read()
    apple = re.search(r"func apple\(.*?\n    }", tables, re.S)[0]
    android = re.search(r"func android\(.*?\n    }", tables, re.S)[0]
    vendors = {name: int(number, 16) for name, number in re.findall(r"static let (\w+): UInt16 = 0x([0-9a-f]{4})", tables)}
    makers = [int(n, 16) for n in re.findall(r"0x([0-9a-f]{4})", re.search(r"phoneMakers: .*?\]", tables, re.S)[0])]
    found = {(0x05ac, product, OTHER) for product in hexadecimal(apple)}
    for vendor, pattern in re.findall(r"\(VendorID\.(\w+), (0x[0-9a-fx.]+)\)", android):
        found |= {(vendors[vendor], product, OTHER) for product in hexadecimal(pattern)}
    assert len(found) > 60 and len(makers) > 15, "the tables are not where this test looks for them"
    found |= {(maker, 0x7777, interface) for maker in makers for interface in (STILL_IMAGE, VENDOR_MTP)}
    found |= {(maker, 0x7778, OTHER) for maker in makers}
    found |= {(vendors[maker], 0x7777, STILL_IMAGE) for maker in ("google", "mediaTek", "qualcomm")}
    # Samsung's phones have numbers of their own, a Mac's chip speaks usbmux, and Apple has no ADB.
    found |= {(0x04e8, 0x6123, STILL_IMAGE), (0x04e8, 0x3301, STILL_IMAGE), (0x04e8, 0x6123, OTHER)}
    found |= {(0x05ac, 0x8600, USBMUX), (0x05ac, 0x1234, USBMUX), (0x05ac, 0x1234, ADB), (0x1234, 0x1234, USBMUX)}
    found |= {(0x1234, 0x1234, interface) for interface in (ADB, FASTBOOT, STILL_IMAGE, VENDOR_MTP)}
    return sorted(found)


def test_the_rules_and_the_agent_take_the_same_for_phones(service):
    host = service
    # Nobody but the two is to do anything with them.
    host.configure(webhooks=[], health={"adb": {"mode": "off"}, "usbmuxd": {"mode": "off"}})
    host.run("systemctl reload plughook && systemctl mask --runtime usbmuxd")
    # All at once: the virtual controllers take 120 of each speed.
    phones = [{"vid": vid, "pid": pid, "interfaces": [interface], "serial": f"KIND{number:03d}",
               "speed": "high" if number % 2 else "super"} for number, (vid, pid, interface) in enumerate(kinds())]
    host.plug_all(phones)
    host.run("udevadm settle --timeout=120")
    by_rule = {port: group == "plugdev" for port, group in (line.split() for line in host.run(GROUPS).splitlines())}
    seen = json.loads(host.run("plughook devices --json"))
    by_agent = {place["port"] for device in seen["devices"] for place in device["places"]}
    by_agent |= {device["port"] for device in seen["unidentified"]}
    ports = dict(line.split() for line in host.run(PORTS).splitlines())
    verdicts = {}
    for phone in phones:
        port = ports[phone["serial"]]
        verdicts[f"{phone['vid']:04x}:{phone['pid']:04x} {phone['interfaces'][0]}"] = by_rule[port], port in by_agent
    assert {kind: both for kind, both in verdicts.items() if both[0] != both[1]} == {}, "(by the rules, by the agent)"
    assert 50 < sum(by_rule.values()) < len(verdicts) - 30
