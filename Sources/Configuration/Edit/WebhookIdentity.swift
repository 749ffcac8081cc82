package import Core

/// Which definition of a file is meant: the one with the number, else the one without a number that has the name.
package struct WebhookIdentity: Hashable, Sendable {
    package let id: WebhookID?
    /// Compared byte for byte.
    package let name: String

    package init(id: WebhookID?, name: String) {
        self.id = id
        self.name = name
    }
}

extension [WebhookDefinition] {
    /// Where it is; nil when it is not there, also when another number has its name.
    package func firstIndex(of webhook: WebhookIdentity) -> Int? {
        if let id = webhook.id, let index = firstIndex(where: { $0.id == id }) { return index }
        return firstIndex { definition in
            (definition.id == nil || webhook.id == nil) && definition.name.utf8.elementsEqual(webhook.name.utf8)
        }
    }
}
