//! HTTP, folder and SFTP behind the runtime's connector port.
