/// The example of the design, with a digest where it has an ellipsis.
let example = #"""
    {
      "orgId": 2,
      "host": { "id": "rack-3", "labels": { "site": "hanoi" } },
      "devices": [
        { "udid": "ce0917198075440c057e", "name": "Galaxy Note 8", "group": "private", "labels": { "team": "payments" } },
        { "port": "pci-0000:00:14.0-usb-0:4.2", "udid": "bench-7", "name": "Bench phone without a serial" },
        { "udid": "emulator-like-thing", "ignore": true }
      ],
      "detection": {
        "hotplug": "auto",
        "unlistedGroup": "local",
        "include": [ { "vendorId": "2717", "productId": "ff48" } ],
        "unplugSettleMs": 1500, "offlineHoldMs": 5000, "onlineHoldMs": 1000,
        "activationMs": 30000, "sensorGraceMs": 15000, "reconcileMs": 30000
      },
      "health": {
        "onSensorLoss": "keep",
        "adb": { "mode": "auto", "servers": ["127.0.0.1:5037"], "requireBootCompleted": false, "livenessSeconds": 0 },
        "usbmuxd": { "mode": "auto", "socket": "/var/run/usbmuxd" }
      },
      "sessions": { "ttlSeconds": 900, "maxSeconds": 86400, "unplugGraceSeconds": 0, "appium": [ { "url": "http://127.0.0.1:4723" } ] },
      "webhooks": [
        {
          "id": 129, "name": "Webhook for All events", "url": "https://ci.example.com/hooks/devices", "description": "",
          "events": ["online", "offline", "utilizing", "unplugged"],
          "secrets": [ { "file": "ci-hook-secret" } ],
          "devices": { "labels": { "team": "payments" } }
        }
      ],
      "delivery": { "maxConcurrent": 32, "maxPerWebhook": 8 },
      "control": {
        "socket": "/run/plughook/control.sock",
        "http": { "listen": "127.0.0.1:8377", "tokens": [ { "name": "ci", "sha256": "d74ff0ee8da3b9806b18c877dbf29bbde50b5bd8e4dad7a3a725000feb82e8f1", "permissions": ["session.manage"] } ] }
      },
      "stateDirectory": "/var/lib/plughook"
    }
    """#
