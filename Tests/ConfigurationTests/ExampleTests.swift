import PlughookConfiguration
import Core
import Testing

struct ExampleTests {
    @Test func everything_isDefault_whenFileIsAnEmptyObject() throws {
        #expect(try Configuration(json: Array("{}".utf8)) == Configuration())
    }

    @Test func example_isReadWhole() throws {
        var expected = Configuration()
        expected.orgID = 2
        expected.host.id = "rack-3"
        expected.host.labels = ["site": "hanoi"]
        expected.devices = [
            ListedDevice(
                udid: "ce0917198075440c057e", name: "Galaxy Note 8", group: .private, labels: ["team": "payments"]),
            ListedDevice(udid: "bench-7", name: "Bench phone without a serial", port: "pci-0000:00:14.0-usb-0:4.2"),
            ListedDevice(udid: "emulator-like-thing", isIgnored: true),
        ]
        expected.detection.rules.include = [DetectionRules.Include(vendorID: 0x2717, productID: 0xff48)]
        var webhook = WebhookDefinition()
        webhook.id = WebhookID(129)
        webhook.name = "Webhook for All events"
        webhook.url = "https://ci.example.com/hooks/devices"
        webhook.events = [.online, .offline, .utilizing, .unplugged]
        webhook.scope.labels = ["team": "payments"]
        webhook.secrets = [SecretReference(.file("ci-hook-secret"))]
        expected.webhooks = [webhook]
        expected.sessions.appium = [AppiumServer(url: "http://127.0.0.1:4723")]
        expected.control.http = HTTPSettings()
        // printf pass | sha256sum
        let digest = try #require(
            TokenDigest(hex: "d74ff0ee8da3b9806b18c877dbf29bbde50b5bd8e4dad7a3a725000feb82e8f1"))
        expected.control.http?.tokens = [AccessToken(name: "ci", digest: digest, permissions: [.sessionManage])]
        #expect(try Configuration(json: Array(example.utf8)) == expected)
    }

    @Test func everyValue_isTaken_whenItIsNotTheDefault() throws {
        let json = """
            {"orgId": 9007199254740991, "stateDirectory": "/s",
             "detection": {"hotplug": "libusb", "unlistedGroup": "public", "include": [{"vendorId": "18D1"}],
               "unplugSettleMs": 0, "offlineHoldMs": 1, "onlineHoldMs": 2, "activationMs": 1003, "sensorGraceMs": 4,
               "reconcileMs": 1005, "startSettleMs": 6, "bootSettleMs": 7},
             "health": {"adb": {"mode": "off", "servers": ["[::1]:1"], "livenessSeconds": 10},
               "usbmuxd": {"mode": "off", "socket": "/u"}},
             "sessions": {"ttlSeconds": 10, "maxSeconds": 60, "unplugGraceSeconds": 1},
             "webhooks": [{"name": "a", "url": "http://h", "events": ["offline"], "enabled": false, "description": "x\\ny",
               "timeoutMs": 1000, "connectTimeoutMs": 100, "backlog": "all", "format": "kobiton"}],
             "delivery": {"maxConcurrent": 1, "maxPerWebhook": 2}, "control": {"socket": "/c",
               "http": {"listen": "[::1]:1", "tokens": [{"name": "t", "sha256": "\(String(repeating: "0F", count: 32))",
                 "permissions": ["org_setting.modify", "device.view"], "expires": "2027-01-01T02:00:00.5+02:00"}]}}}
            """
        var expected = Configuration()
        expected.orgID = 9_007_199_254_740_991
        expected.stateDirectory = "/s"
        expected.detection.hotplug = .libusb
        expected.detection.sensorGrace = .milliseconds(4)
        expected.detection.reconcile = .milliseconds(1005)
        expected.detection.rules.unlistedGroup = .public
        expected.detection.rules.include = [DetectionRules.Include(vendorID: 0x18d1, productID: nil)]
        expected.detection.rules.unplugSettle = .zero
        expected.detection.rules.offlineHold = .milliseconds(1)
        expected.detection.rules.onlineHold = .milliseconds(2)
        expected.detection.rules.activation = .milliseconds(1003)
        expected.detection.rules.startSettle = .milliseconds(6)
        expected.detection.rules.bootSettle = .milliseconds(7)
        expected.health.adb.mode = .off
        expected.health.adb.servers = ["[::1]:1"]
        expected.health.adb.liveness = .seconds(10)
        expected.health.usbmuxd.mode = .off
        expected.health.usbmuxd.socket = "/u"
        expected.sessions.timeToLive = .seconds(10)
        expected.sessions.longest = .seconds(60)
        expected.sessions.unplugGrace = .seconds(1)
        expected.delivery.maxConcurrent = 1
        expected.delivery.maxPerWebhook = 2
        expected.control.socket = "/c"
        let digest = try #require(TokenDigest(bytes: Array(repeating: 0x0f, count: 32)))
        var http = HTTPSettings()
        http.listen = "[::1]:1"
        http.tokens = [
            AccessToken(
                name: "t", digest: digest, permissions: [.deviceView, .orgSettingModify],
                expires: WallTime(milliseconds: 1_798_761_600_500))
        ]
        expected.control.http = http
        var webhook = WebhookDefinition()
        webhook.name = "a"
        webhook.url = "http://h"
        webhook.events = [.offline]
        webhook.isEnabled = false
        webhook.description = "x\ny"
        webhook.timeout = .seconds(1)
        webhook.connectTimeout = .milliseconds(100)
        expected.webhooks = [webhook]
        #expect(try Configuration(json: Array(json.utf8)) == expected)
    }
}
