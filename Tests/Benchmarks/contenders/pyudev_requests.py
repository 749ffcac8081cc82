"""What one writes in Python: tells every URL given when a phone with ADB comes or goes.

    pyudev_requests.py URL...
"""
import sys
from datetime import datetime, timezone

import pyudev
import requests

urls = sys.argv[1:]
session = requests.Session()
phones = {}  # devpath -> (serial, model): at a removal the kernel does not say who it was

monitor = pyudev.Monitor.from_netlink(pyudev.Context())
monitor.filter_by("usb", "usb_device")
monitor.start()


def post(activity, description, serial, model):
    time = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for number, url in enumerate(urls, 1):
        try:
            session.post(url, timeout=5, json={
                "creationTime": time, "eventType": "DEVICE", "eventActivity": activity,
                "eventDescription": description, "deviceUdid": serial, "deviceName": model, "orgId": 2,
                "webhookId": number, "webhookName": url.rpartition("/")[2]})
        except requests.RequestException as error:
            print(f"{url}: {error}", file=sys.stderr)


for device in iter(monitor.poll, None):
    if device.action == "add" and ":ff4201:" in device.get("ID_USB_INTERFACES", ""):
        serial = device.get("ID_SERIAL_SHORT")
        if serial:
            phones[device.device_path] = serial, device.get("ID_MODEL", serial)
            post("device.status.online", "Online", *phones[device.device_path])
    elif device.action == "remove" and device.device_path in phones:
        post("device.state.unplugged", "Unplugged", *phones.pop(device.device_path))
