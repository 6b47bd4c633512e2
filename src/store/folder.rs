//! Reads and writes one folder of `.vcf` files as a store.
