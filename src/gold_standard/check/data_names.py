"""Names of public data sets of medicine and the life sciences, in documents and in code."""

import re

# Only names that mean nothing else, in any writing: a space stands for a space, a hyphen, an
# underscore or nothing. Names that are words as well stand in `datasets.NAMES`, in their own case.
_NAMES = (
    # radiology, head to foot
    "2018 ?la ?seg\\w*|(left )?atrial seg\\w* challenge|brats( ?(20)?1[2-9]| ?(20)?2[0-5])?|braintumorsegmentation|lgg segmentation|isles ?20(15|16|17|18|22)|wmh challenge|mrbrains ?1[38]|iseg ?201[79]|oasis ?[123]|adni[123]?|camcan|aibl|ppmi|abide ?(i|ii|1|2)|adhd ?200"
    "|ixi (dataset|data|brain)|lpba ?40|mindboggle ?101|human connectome|hcp (1200|ya|s1200)|hcp ?1200|abcd study|openneuro|openfmri|uk ?biobank|atlas (v|r) ?[12]( ?[012])?|cq ?500|rsna( \\w{3,12})?|physionet ich|instance ?2022"
    "|crossmoda( ?202\\d)?|toothfairy|hecktor( ?202\\d)?|autopet|chexpert( plus)?|chexphoto|chexlocalize|mimic (cxr|iii|iv|ii|3|4|eye|ecg|note|nle)|mimic ?cxr jpg|padchest|vindr( \\w{2,8})?|nih chest|chest ?x ?ray ?(8|14)|chest ?imagenome|openi|iu x ?ray"
    "|jsrt|montgomery county|shenzhen (hospital|cxr|tb)|siim (acr|isic|fisabio|covid)|covidx|covid ?qu ?ex|covid ?ct(set)?|bimcv|stoic ?2021|lidc( idri)?|luna ?16|luna ?25|lndb|nlst|empire ?10|dir lab|deeplesion|nih pancreas|pancreas ct"
    "|lits ?17|3d ?ircadb|kits ?(19|21|23)|btcv|chaos challenge|amos ?(20)?22|totalsegmentator|flare ?2[1234]|abdomenct ?1k|abdomenatlas|ct org|word abdominal|mm ?whs|mnms challenge|acdc (dataset|challenge|data)|emidec|myops|echonet( dynamic| lvh| pediatric)?|camus ultrasound"
    "|promise ?12|i2cvb|picai|pi cai|prostatex( 2)?|prostate ?158|qubiq|cbis ddsm|inbreast|vindr mammo|embed mammo\\w*|optimam|duke breast|acrin 6698|ispy ?[12]|busi dataset|buid|busbra|mrnet|fastmri( plus)?|skm tea|cc ?359|calgary campinas|lodopab|aapm (low dose|mayo)|mayo low dose"
    "|verse ?(19|20|2019|2020)|ctspine1k|teeth ?3ds|3d ?teeth ?(seg|land)|ms ?cmr( ?seg)?( ?20(19|20))?|lumbar spider|oai (zib|knee)|learn2reg|medical ?segmentation ?decathlon|msd task ?\\d\\d|imagecas|asoca|topcow|ultrasound nerve|hc ?18|fetalplanes|fetal planes db|fets ?202[12]|feta ?202[1-4]|radimagenet|medmnist\\w*"
    "|(path|chest|derma|oct|pneumonia|retina|breast|blood|tissue|organa|organc|organs|organ|nodule|adrenal|fracture|vessel|synapse)mnist(3d)?|slake vqa|vqa rad|path ?vqa|pmc vqa|roco ?v2|medpix"
    # skin, eyes, endoscopy
    "|ham ?10000|isic ?(archive|201[6-9]|202\\d|challenge)|fitzpatrick ?17k|derm7pt|pad ufes( 20)?|bcn ?20000|ph2 ?dataset|dermnet|sd 198|diverse dermatology|papila|messidor( 2)?|eyepacs|aptos ?(2019)?|idrid|refuge ?2|rim one|airogs|odir ?5k|octa ?500|kermany|chase ?db ?1|drishti gs|g1020|fives dataset|deepdrid|ddr dataset|rfmid|duke oct|octdl|retouch( challenge| dataset| data)?"
    "|kvasir( seg| instrument| capsule)?|hyper ?kvasir|cvc (clinicdb|colondb|300)|etis larib\\w*|endovis ?(201\\d|15|17|18)|cholec ?(80|t45|t50)|cholecseg8k|polypgen|sun seg|ldpolyp|bkai igh|nerthus|m2cai ?16|jigsaws|cataract ?(101|1k)|cadis|surgvisdom|heichole|heico|gastrovision"
    # microscopy and histology
    "|camelyon ?(16|17)?|patch ?camelyon|monuseg|monusac|pannuke|consep|nuinsseg|nucls|lizard dataset|breakhis|bracs|bach ?2018|tupac ?16|midog( ?202\\d|plus plus)?|mitos ?(atypia|12|14)|panda challenge|kather ?\\d*k?|nct crc( he)?|crc val he|lc25000|digestpath|segpath|acrobat|hest 1k|tcga( [a-z]{2,5})?|cptac|hubmap|human ?protein ?atlas"
    "|livecell|neurips cell seg|tissuenet|data ?science ?bowl ?(2018)?|dsb ?2018|bbbc ?0\\d\\d|cell ?tracking ?challenge|cremi|isbi ?2012|snemi ?3d|mitoem|lucchi|ctc ?fluo|rxrx ?\\d{1,2}|jump cp|cell ?painting gallery|deepbacs|omnipose|empiar \\d+|nuclear seg ?\\w{0,6} dataset|quilt 1m"
    # signals
    "|ptb xl|mit bih|cpsc ?2018|chapman shaoxing|georgia 12 lead|cinc ?20(11|16|17|20|21)|physionet( challenge)?|sleep edf( ?x)?|shhs|isruc|dreem|tuh eeg|tuab|tusz|chb mit|siena scalp|bci competition|bcic? ?iv ?2[ab]|eicu|wesad|pamap ?2|uci har|capture ?24|mhealth dataset|seed iv|dreamer dataset|deap dataset|tusl|vitaldb|icentia ?11k|ltafdb|incart|hmc sleep|mesa sleep"
    # molecules and sequences
    "|qm7b?|qm9|zinc ?(250k|15|20|22)|moleculenet|guacamol|pdb ?bind|binding ?db|biosnap|drug ?bank|davis (dataset|kiba)|kiba|tox21|clintox|sider dataset|toxcast|lit pcba|uspto ?(50k|mit|full)|geom (drugs|qm9)|cross ?docked( ?2020)?|pcqm4m( ?v2)?|chembl ?\\d{0,2}|materials ?project|matbench|oqmd|md17|md22|oc20|massbank|massspecgym|mona dataset|gnps|nist ?(17|20|23) library"
    "|uniref ?(50|90|100)|uni ?prot( ?kb)?|swiss ?prot|pfam|cb513|casp ?1[0-9]|protein ?gym|flip benchmark|sabdab|skempi|oas dataset|vdj ?db|mcpas|iedb|ogb[nlg] \\w{3,12}|biogrid|string ?db|stitch ?db|disgenet|clinvar|gnomad|hgmd|roadmap ?epigenomics|encode (portal|project)|fantom ?[56]|deepsea"
    "|gtex|ccle|gdsc ?[12]?|ctrp|depmap|metabric|beat ?aml|mmrf ?(commpass)?|commpass|therapeutically applicable|tabula ?(muris|sapiens)|pbmc ?\\d{1,3}k|human cell atlas|cellxgene|lincs ?l1000|archs4|recount ?[23]|perturb ?seq|norman ?2019|replogle|paul15|immune cell atlas|mouse cell atlas|1000 ?genomes|rfam|bprna( 1m)?|rna ?strand|archiveii|mirbase|jaspar|card database|patric database|bv ?brc|silva database|greengenes|curated ?metagenomic ?data|hmp2"
    # nature, plants, earth
    "|plant ?village|inaturalist|snapshot ?serengeti|iwildcam|caltech ?camera ?traps|bird ?clef|xeno canto|deepweeds|cassava (leaf|disease)|eurosat|big ?earth ?net|so2sat|fmow|worldclim|gbif|chelsa climate"
)  # fmt: skip


def _alternatives(names: str) -> list[str]:
    """The names, parted where no bracket is open; a bracket in front is written out."""
    parts, depth = [""], 0
    for sign in names:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    found = []
    for part in parts:
        if part.startswith("("):
            inside, _, rest = part[1:].partition(")")
            found += [one + rest for one in inside.replace("?", "").split("|")]
        else:
            found.append(part)
    return found


def _by_start() -> dict[str, re.Pattern]:
    """One pattern for all names with the same first two signs: quicker than one for all."""
    groups: dict[str, list[str]] = {}
    for name in _alternatives(_NAMES):
        groups.setdefault(name[:2], []).append(re.sub(r" \??", "[ _-]?", name))
    # The case of the sign behind a name tells whether it ends there: CheXpertDataset.
    return {k: re.compile(rf"(?i:{'|'.join(names)})(?![a-z0-9])") for k, names in groups.items()}


_BY_START = _by_start()
_START = re.compile(r"(?<![A-Za-z])[A-Za-z0-9]{2}(?=[\w -])")


def public_set(text: str) -> re.Match | None:
    """The first name of a public data set in a text."""
    for start in _START.finditer(text):
        pattern = _BY_START.get(start[0].lower())
        found = pattern and pattern.match(text, start.start())
        if found:
            return found
    return None
