FROM rust
ENV CARGO_BUILD_TARGET=x86_64-unknown-linux-musl
RUN cargo build --release
