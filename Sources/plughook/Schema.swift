internal import ArgumentParser
internal import Configuration

struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the JSON Schema of the configuration file.",
        discussion: "Draft 2020-12; editors that know JSON Schema complete and check the file with it.")

    func run() { print(ConfigurationSchema.text) }
}
