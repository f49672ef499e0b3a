//! How each partner's papers read: neutral documents to and from dialects. Pure.

pub mod seam;
