// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of the house is built with.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    // Each function in a section of its own, for the linker to order.
    .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
]

/// Puts side by side what a removal runs through: code that has not run for a while comes from memory, page by page.
/// `packaging/bench --link-order` makes the list anew; names in it that are no more do no harm.
let linkOrder: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "--symbol-ordering-file=\(Context.packageDirectory)/packaging/link-order",
            "-Xlinker", "--no-warn-symbol-ordering",
        ], .when(configuration: .release))
]

/// Crash points for the kill tests: they exist in debug builds only.
let failpoints: [SwiftSetting] = [.define("FAILPOINTS", .when(configuration: .debug))]

let package = Package(
    name: "plughook",
    products: [.executable(name: "plughook", targets: ["plughook"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    ],
    targets: [
        // C modules: one header each, imported by the one adapter named beside it.
        .systemLibrary(name: "CUdev", pkgConfig: "libudev", providers: [.apt(["libudev-dev"])]),  // Hotplug
        .systemLibrary(name: "CLibUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),  // Hotplug
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),  // Delivery
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),  // ControlAPI
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),  // plughook
        .systemLibrary(name: "CLinux"),  // Linux

        .target(name: "Core", swiftSettings: strict),
        .target(name: "Linux", dependencies: ["CLinux", "Core"], swiftSettings: strict + failpoints),
        // Not plain "PlughookConfiguration": a package that Hummingbird depends on has that name.
        .target(
            name: "PlughookConfiguration",
            dependencies: ["Core", .product(name: "Mustache", package: "swift-mustache")],
            path: "Sources/Configuration", swiftSettings: strict),
        .target(
            name: "Hotplug", dependencies: ["Core", "Linux", "CUdev", "CLibUSB"], swiftSettings: strict),
        .target(name: "Sensors", dependencies: ["Core", "Linux"], swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: [
                "Core", "Linux", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict + failpoints),
        .target(
            name: "Delivery",
            dependencies: [
                "Core", "Linux", "CCurl", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict + failpoints),
        .target(
            name: "ControlAPI",
            dependencies: [
                "Core", "Linux", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.embedInCode("OpenAPI/openapi.json"), .embedInCode("Page")],
            swiftSettings: strict),
        .target(
            name: "Agent",
            dependencies: [
                "Core", "Linux", "PlughookConfiguration", "Hotplug", "Sensors", "Store", "Delivery", "ControlAPI",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict + failpoints),
        .target(
            name: "Doctor", dependencies: ["Core", "Linux", "PlughookConfiguration", "Hotplug", "Sensors", "Delivery"],
            swiftSettings: strict),
        .executableTarget(
            name: "plughook",
            dependencies: [
                "Agent", "ControlAPI", "COpenSSL", "Core", "Delivery", "Doctor", "PlughookConfiguration",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict, linkerSettings: linkOrder),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "ControlAPI", "Core", "PlughookConfiguration", "Store",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "Core", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "CoreTests", dependencies: ["Core", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["PlughookConfiguration", "Core", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "HotplugTests", dependencies: ["Hotplug", "Core", "Linux", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SensorsTests", dependencies: ["Sensors", "Core", "Linux", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Store", "Core", "Linux", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .testTarget(
            name: "ControlAPITests",
            dependencies: [
                "ControlAPI", "Core", "Linux", "TestSupport", .product(name: "Logging", package: "swift-log"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DoctorTests",
            dependencies: ["Doctor", "Core", "Linux", "PlughookConfiguration", "Delivery", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DeliveryTests", dependencies: ["Delivery", "Core", "Linux", "TestSupport"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
