internal import ArgumentParser
internal import PlughookConfiguration

struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the JSON Schema of the configuration file.",
        discussion: """
            Draft 2020-12; editors that know JSON Schema complete and check the file with it.

            EXAMPLES
              plughook schema > plughook.schema.json
              plughook schema | jq '.properties.webhooks.items.properties | keys'
            """)

    func run() { print(ConfigurationSchema.text) }
}
