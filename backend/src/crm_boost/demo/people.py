"""The made-up people of the demo: accounts, and the name parts customers are made of. Nobody here exists."""

from dataclasses import dataclass

from crm_boost.identity.permissions import Role


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account that can sign in. `capacity` is the most open records a staff may hold."""

    email: str
    name: str
    role: Role
    capacity: int | None = None


OWNER = DemoAccount("owner@example.com", "Ratna Widjaya", Role.MASTER_ADMIN)
STAFF = (
    DemoAccount("sinta@example.com", "Sinta Prakoso", Role.STAFF),
    DemoAccount("bayu@example.com", "Bayu Hartawan", Role.STAFF),
    DemoAccount("lina@example.com", "Lina Kurniasih", Role.STAFF),
    DemoAccount("yoga@example.com", "Yoga Pranata", Role.STAFF),
    DemoAccount("mega@example.com", "Mega Anjarsari", Role.STAFF),
    DemoAccount("tio@example.com", "Tio Mahendra", Role.STAFF, capacity=400),
)
ACCOUNTS = (OWNER, DemoAccount("admin@example.com", "Hadi Prasetya", Role.ADMIN), *STAFF)

PRODUCTS = ("Product A", "Product B", "Product C", "Product D")
"""The last one is used by no database: it can be retired."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words(
    "Adi Agung Ana Anggi Anita Ari Asri Bagas Bambang Bayu Bella Budi Cahya Citra Dani Dewi Dian Dimas Dina Edo Eka "
    "Elsa Endah Erna Fajar Farah Fitri Galih Gita Hana Hendra Ika Indah Intan Irfan Joko Kartika Lestari Lia Lukman "
    "Maya Melati Mira Nadia Nanda Nia Nisa Novi Nur Oki Putri Rani Ratih Rian Rina Rizal Rudi Sari Satria Siska Sri "
    "Tari Teguh Tika Tri Umi Utami Vina Wahyu Wati Winda Wulan Yanti Yudi Yuni Zahra"
)
FAMILY = _words(
    "Aditya Anggraini Ardiansyah Astuti Firmansyah Gunawan Halim Handayani Hartono Hidayat Irawan Kurniawan Kusuma "
    "Lubis Maharani Mulyani Nugroho Permata Pertiwi Prabowo Pratama Purnama Puspita Rahayu Rahman Saputra Setiawan "
    "Simatupang Siregar Suryani Susanto Utomo Wibowo Wijaya Wulandari Yulianto"
)
ACCENTED = ("José Álvarez", "Zoë Müller", "François Lefèvre", "Anaïs Dupré", "Søren Kjær", "Lucía Peña", "Jürgen Weiß")
CHINESE = ("王小明", "李娜", "陈美玲", "林志强", "黄丽", "张伟杰", "刘洋", "吴家豪")
EMOJI = ("✨", "🌸", "😀", "🔥", "💎")
CITIES = ("Jakarta", "Bandung", "Surabaya", "Medan", "Semarang", "Makassar", "Denpasar", "Palembang", "Yogyakarta")
BANKS = ("BANK A", "BANK B", "BANK C", "BANK D")
