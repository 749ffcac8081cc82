internal import ArgumentParser
internal import Glibc

/// Where the configuration is: what the command says, else `$PLUGHOOK_CONFIG`, else the file in `/etc`.
struct ConfigurationPath: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The configuration file. Without it $PLUGHOOK_CONFIG, and without that /etc/plughook/config.json.",
            valueName: "file"),
        completion: .file())
    var option: String?

    var path: String {
        option ?? getenv("PLUGHOOK_CONFIG").map { String(cString: $0) } ?? "/etc/plughook/config.json"
    }
}
