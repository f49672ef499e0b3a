//! Five steps (receive, interpret, handle, wake, deliver) over two ports.
