internal import ControlAPI
internal import PlughookConfiguration

/// Where the control API is to listen, and to whom over TCP.
struct ControlPlace: Hashable {
    let socket: String
    let http: HTTPAccess?

    init(_ settings: ControlSettings) {
        socket = settings.socket
        http = settings.http.map { HTTPAccess(listen: $0.listen, tokens: $0.tokens) }
    }
}
