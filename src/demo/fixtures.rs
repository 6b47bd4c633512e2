//! The invented people of the demo, as three programs of three ages would have saved them.

/// A card as a file: its name, and its bytes.
pub type Sheet = (&'static str, &'static [u8]);

macro_rules! sheets {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../fixtures/demo/", $path)))),*]
    };
}

/// What the address book on the server holds at first: vCard 3.0.
pub const PHONE: &[Sheet] = sheets![
    "phone/amira.vcf",
    "phone/grace.vcf",
    "phone/jose.vcf",
    "phone/liam.vcf",
    "phone/nina.vcf",
    "phone/zoe.vcf",
];

/// What the folder of the laptop holds at first: vCard 4.0.
pub const LAPTOP: &[Sheet] = sheets![
    "laptop/hanako.vcf",
    "laptop/henrik.vcf",
    "laptop/jose-alvarez.vcf",
    "laptop/liam.vcf",
    "laptop/priya.vcf",
    "laptop/tomasz.vcf",
    "laptop/zoe-mueller.vcf",
];

/// What the folder of the office holds at first: vCard 2.1 without UIDs, out of an old phone.
pub const OFFICE: &[Sheet] = sheets![
    "office/BJOERN.vcf",
    "office/HENRIK.vcf",
    "office/MUELLER.vcf",
    "office/OSKAR.vcf",
];

/// Everybody who is in one of the three at first, once.
pub const PEOPLE: [&str; 12] = [
    "Amira Haddad",
    "Björn Lindqvist",
    "Grace Okafor",
    "Henrik Voss",
    "José Álvarez",
    "Liam O'Connor",
    "Nina Petrova",
    "Oskar Berg",
    "Priya Raman",
    "Tomasz Wójcik",
    "Zoë Müller",
    "山田 花子",
];

/// Who comes later, one in each store: phone, laptop, office.
pub const LATER: [(&str, Sheet); 3] = [
    (
        "Mateo Rossi",
        (
            "mateo.vcf",
            include_bytes!("../../fixtures/demo/later/mateo.vcf"),
        ),
    ),
    (
        "Ingrid Solberg",
        (
            "ingrid.vcf",
            include_bytes!("../../fixtures/demo/later/ingrid.vcf"),
        ),
    ),
    (
        "Kofi Mensah",
        (
            "KOFI.vcf",
            include_bytes!("../../fixtures/demo/later/KOFI.vcf"),
        ),
    ),
];

/// Somebody of whom the phone gets a second card.
pub const TWICE: (&str, Sheet) = (
    "Ingrid Solberg",
    (
        "ingrid-s.vcf",
        include_bytes!("../../fixtures/demo/twice/ingrid.vcf"),
    ),
);
