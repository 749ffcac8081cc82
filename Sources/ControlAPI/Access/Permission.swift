internal import Core

extension Permission {
    /// The least group that has it.
    var group: AccessGroup {
        switch self {
        case .deviceView, .sessionManage: .view
        case .deliveryManage, .orgSettingModify: .admin
        }
    }
}

enum AccessGroup: String, Sendable {
    case admin = "plughook-admin"
    case view = "plughook-view"
}
