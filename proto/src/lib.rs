//! The generated types of every service's API and events.
#![expect(
    missing_docs,
    reason = "the documentation of generated items stands in the .proto files"
)]
#![allow(clippy::pedantic, clippy::all, reason = "generated code")]

/// `vinhdanh.log.v1`.
pub mod log {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("vinhdanh.log.v1");
    }
}

/// `vinhdanh.admin.v1`.
pub mod admin {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("vinhdanh.admin.v1");
    }
}

/// `vinhdanh.rehearsal.v1`.
pub mod rehearsal {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("vinhdanh.rehearsal.v1");
    }
}

/// `vinhdanh.directory.v1`.
pub mod directory {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("vinhdanh.directory.v1");
    }
}

/// `vinhdanh.intake.v1`.
pub mod intake {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("vinhdanh.intake.v1");
    }
}

/// `vinhdanh.approval.v1`.
pub mod approval {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("vinhdanh.approval.v1");
    }
}

/// `vinhdanh.council.v1`.
pub mod council {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("vinhdanh.council.v1");
    }
}

/// `vinhdanh.notification.v1`.
pub mod notification {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("vinhdanh.notification.v1");
    }
}

/// All descriptors, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
