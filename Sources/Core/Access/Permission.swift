/// What a caller may do; the names are those of the configuration file and of the documentation.
package enum Permission: String, CaseIterable, Hashable, Sendable {
    case deviceView = "device.view"
    case sessionManage = "session.manage"
    case deliveryManage = "delivery.manage"
    case orgSettingModify = "org_setting.modify"
}
