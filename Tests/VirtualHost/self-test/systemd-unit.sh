#!/bin/bash
# Guest with systemd as PID 1: installs a .deb with a sandboxed unit, and sees which
# sandbox settings blind a USB watcher.  (usbwatch stands in for the agent.)
# shellcheck disable=SC2016,SC2317 # check runs its second argument
set -u
[ -d /run/systemd/system ] || { echo "needs vm up --init systemd"; exit 77; }
fail=0
check() { if eval "$2"; then echo "  ok   $1"; else echo "  FAIL $1"; fail=1; fi; }

pkg=/tmp/usbwatch-test; rm -rf $pkg
mkdir -p $pkg/DEBIAN $pkg/usr/lib/usbwatch $pkg/lib/systemd/system
cp /vm/build/usbwatch $pkg/usr/lib/usbwatch/
cat > $pkg/DEBIAN/control <<C
Package: usbwatch-test
Version: 1.0
Architecture: amd64
Maintainer: nobody <nobody@localhost>
Depends: libudev1, libusb-1.0-0
Description: test of the virtual host
C
cat > $pkg/DEBIAN/postinst <<'C'
#!/bin/sh
set -e
systemctl daemon-reload
systemctl enable --now usbwatch-test.service
C
cat > $pkg/DEBIAN/prerm <<'C'
#!/bin/sh
systemctl disable --now usbwatch-test.service
C
chmod 755 $pkg/DEBIAN/postinst $pkg/DEBIAN/prerm
cat > $pkg/lib/systemd/system/usbwatch-test.service <<'C'
[Service]
ExecStart=/usr/lib/usbwatch/usbwatch
DynamicUser=yes
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
DevicePolicy=closed
DeviceAllow=char-usb_device r
MemoryDenyWriteExecute=yes
SystemCallFilter=@system-service
[Install]
WantedBy=multi-user.target
C
dpkg-deb --build $pkg /tmp/usbwatch-test.deb > /dev/null
check "apt installs the .deb"           'apt-get install -qq -y --no-install-recommends /tmp/usbwatch-test.deb > /tmp/apt.log 2>&1 || { cat /tmp/apt.log; false; }'
check "the unit runs"                   'systemctl is-active -q usbwatch-test'
sleep 3
phone plug pixel --serial UNIT01 --wait 20 > /dev/null; udevadm settle --timeout=30; sleep 1
phone unplug UNIT01 > /dev/null; udevadm settle --timeout=30; sleep 1
systemctl stop usbwatch-test
journalctl -u usbwatch-test -o cat > /tmp/unit.log
for s in kernel udev libusb; do
    check "$s events reach the sandbox"   'grep -q " $s add usb_device" /tmp/unit.log && grep -q " $s remove usb_device" /tmp/unit.log'
done
check "apt removes it"                  'apt-get remove -qq -y usbwatch-test > /tmp/apt.log 2>&1'

heard() { # setting: which sources tell of a phone under it, "kernel udev libusb"
    rm -f /run/watch.out; touch /run/watch.out; chmod 666 /run/watch.out
    systemd-run -q --unit=watch-try -p "$1" -p StandardOutput=append:/run/watch.out -p StandardError=append:/run/watch.out \
        /vm/build/usbwatch -t 60
    sleep 2
    phone plug pixel --serial TRY --wait 20 > /dev/null; udevadm settle --timeout=30; sleep 1
    phone unplug TRY > /dev/null; udevadm settle --timeout=30; sleep 0.5
    systemctl stop watch-try 2>/dev/null; systemctl reset-failed watch-try 2>/dev/null
    for s in kernel udev libusb; do grep -q " $s add usb_device" /run/watch.out && printf '%s ' "$s"; done
}
for setting in PrivateUsers=yes PrivateDevices=yes ProtectKernelTunables=yes InaccessiblePaths=/run/udev; do
    check "$setting hides nothing"        '[ "$(heard $setting)" = "kernel udev libusb " ]'
done
check "PrivateNetwork=yes hides udev's and libusb's events" '[ "$(heard PrivateNetwork=yes)" = "kernel " ]'
exit $fail
