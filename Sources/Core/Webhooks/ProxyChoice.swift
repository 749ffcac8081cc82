/// Which way callbacks go out. Through a proxy it is that which finds the receiver: the rules for addresses are for the
/// proxy's own.
package enum ProxyChoice: Hashable, Sendable {
    /// Straight to the receiver, whatever the environment says.
    case none
    /// As the agent's environment has it: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, by libcurl's rules.
    case environment
    /// `http` or `https`, host and port.
    case url(String)
}
