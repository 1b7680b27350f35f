"""Which data an analysis uses, whether they are public, and how one gets them."""

import re
from dataclasses import dataclass
from functools import cache

from gold_standard.check.code import ASIDE, OF_OTHERS, Code
from gold_standard.check.data_names import public_set
from gold_standard.check.prose import Line, Prose, shortened
from gold_standard.check.tree import Tree
from gold_standard.check.verdicts import Evidence

# Names of public data sets, as papers write them. A name alone is weaker than a link.
NAMES = re.compile(
    r"(?<![\w-])(?:"
    # medical imaging
    r"BraTS(?:[ -]?(?:20)?\d\d)?|LiTS|KiTS(?:19|21|23)?|ACDC|ISIC(?:[ -]?20\d\d)?|HAM10000|PH2|Chest-?X-?ray-?(?:8|14)|NIH ?Chest\S*"
    r"|CheXpert|MIMIC(?:-?(?:CXR|III|IV|II|3|4))?|PadChest|VinDr\S*|LIDC(?:-IDRI)?|LUNA-?16|LNDb|TCGA(?:-\w+)?|TCIA|CPTAC"
    r"|ADNI|OASIS(?:-?[1-3])?|UK ?Bio-?bank|ABIDE(?: ?I+)?|Human Connectome Project|HCP|IXI|CamCAN|AIBL|PPMI|ADHD-?200|MindBoggle"
    r"|DRIVE|STARE|CHASE[ _-]?DB1?|HRF|MESSIDOR(?:-?2)?|EyePACS|APTOS|IDRiD|REFUGE|ORIGA|RIM-ONE|DDR|ODIR"
    r"|CAMELYON ?-?(?:16|17)|PatchCamelyon|PCam|MoNuSeg|MoNuSAC|PanNuke|GlaS|CRAG|CoNSeP|Kumar|NuInsSeg|BACH|BreakHis|BRACS|PANDA|TUPAC\S*"
    r"|Data Science Bowl|DSB ?20?1\d|BBBC\d+|LIVECell|Cell Tracking Challenge|fastMRI|MRNet|MURA|CC-?359|Calgary-?Campinas"
    r"|BUSI|Kvasir(?:-SEG)?|CVC-?(?:ClinicDB|ColonDB|300)|ETIS\S*|EndoScene|CholecT?80|EndoVis\S*|COVIDx|COVID-?CT\S*|RSNA\S*"
    r"|PROMISE-?12|HVSMR|Medical Segmentation Decathlon|MSD|BTCV|CHAOS|AMOS(?:22)?|TotalSegmentator|FLARE\d*|MM-?WHS|M&Ms(?:-2)?|SUNNYBROOK"
    r"|ATLAS (?:v|R)?\d\S*|iSeg-?20\d\d|MRBrainS\d*|ISLES\S*|WMH|dHCP|CrossMoDA|VerSe(?:\d+)?|SpineWeb|CSI 2014|NIH Pancreas|Pancreas-?CT"
    r"|CBIS-?DDSM|DDSM|INbreast|DUKE\S* breast|JSRT|Montgomery|Shenzhen|SIIM\S*|DeepLesion|CAMUS|EchoNet\S*|MedMNIST|LoDoPaB\S*|AAPM\S*|EMPIRE10|DIR-?Lab|OAI|LTRC|VISCERAL(?: Anatomy ?\d?)?|SKM-TEA|Learn2Reg|LPBA40|CUMC12|MGH10|NKI\S*"
    # signals
    r"|PhysioNet|PTB-?XL|MIT-BIH|CPSC-?2018|Sleep-?EDF|SHHS|MASS|ISRUC\S*|TUH EEG\S*|TUAB|CHB-?MIT|BCI (?:Competition|IV)\S*|DEAP|SEED(?:-IV)?|WESAD|PAMAP2?|UCI[ -]?HAR|eICU|TIMIT|LibriSpeech|VCTK|LJSpeech|VoxCeleb\d?|AudioSet|ESC-50|UrbanSound8K"
    # life sciences
    r"|QM9|QM7|ZINC(?:250k|15)?|MoleculeNet|ChEMBL\w*|PDBbind|BindingDB|DrugBank|Davis|KIBA|Tox21|ClinTox|SIDER|ToxCast|DUD-?E|LIT-PCBA|USPTO\S*|PubChem|BioGRID|STRING|STITCH|OpenTargets"
    r"|UniProt(?:KB)?|UniRef\d*|Swiss-?Prot|Pfam|PROSITE|CATH|SCOPe?|CASP\d+|CB513|PDB|Protein Data Bank|ProteomeTools|MassIVE|PRIDE|GTEx|GM12878|I2CVB|Observed Antibody Space|ENCODE|Roadmap(?: Epigenomics)?|1000 Genomes|gnomAD|ClinVar|HGMD|DepMap|CCLE|GDSC|CTRP|LINCS|L1000"
    r"|recount[23]?|ARCHS4|Human Cell Atlas|Tabula (?:Muris|Sapiens)|PBMC ?\d*k?|Cora|Citeseer|PubMed|OGB\S*|Reddit|PPI|METABRIC|Sequence Read Archive|Gene Expression Omnibus|ArrayExpress|iNaturalist|Snapshot Serengeti|LILA|Caltech Camera Traps|PlantVillage|Rfam|DisGeNET|OMIM|JASPAR|SRBench"
    # general
    r"|(?:Fashion-?|K|E|Rotated ?)?MNIST|CIFAR-?10{1,2}|SVHN|STL-?10|(?:Tiny-?|mini-?)?ImageNet(?:-?\w+)?|ILSVRC\S*|(?:MS-?)?COCO|Pascal ?VOC|VOC ?20\d\d|Cityscapes|ADE20K|KITTI|nuScenes|Waymo Open|NYU ?(?:Depth )?v2|ShapeNet\w*|ModelNet\d*|ScanNet|S3DIS|CelebA(?:-HQ)?|FFHQ|LSUN|AFHQ"
    r"|Kinetics(?:-?\d+)?|UCF-?101|HMDB-?51|DAVIS(?: ?20\d\d)?|Market-?1501|DukeMTMC|LFW|MS-?Celeb\S*|CUB(?:-?200)?\S*|Oxford (?:Flowers?|Pets?)\S*|Omniglot|GLUE|SuperGLUE|SQuAD\S*|WikiText\S*|Penn Tree\s?bank|PTB|IMDB|SNLI|MultiNLI|MNLI|WMT\S*|CNN/Daily ?Mail|Common Crawl|OpenWebText|enwik8|text8|C4|The Pile"
    r"|MovieLens\S*|Criteo|Adult(?: Income)?|Iris|Boston Housing|Wisconsin (?:diagnostic )?breast cancer\S*|Digits|UCI|DIV2K|Set5|Set14|BSD\d+|Flickr\w*|LAION\S*|Conceptual Captions|VQA(?:v2)?|Visual Genome|CLEVR|Atari|MuJoCo|D4RL|OpenAI Gym|LLFF|NeRF synthetic|Blender dataset|Vimeo-?90k|REDS|GoPro"
    r")(?![\w])",
)  # fmt: skip
# Data sets whose names are ordinary words or are often something else: only beside a word for data.
WEAK = re.compile(
    r"(?i)drive|stare|seed|mass|string|pride|digits|iris|adult|uci|pubmed|kumar|davis|reddit|mindboggle|msd|panda"
    r"|bach|hrf|casp\d+|pdb|reds|c4|ptb|imagenet(?:-?\w+)?|pubchem|wmh|oai|ppi|hcp|atari|mujoco|medical segmentation|verse|glue|encode|flare\d*|kinetics|vqa|ddr"
)
HOSTS = re.compile(
    r"grand-challenge\.org|kaggle\.com/(?:c/|competitions/|datasets?/|[\w-]+/[\w-]+)|physionet\.org|cancerimagingarchive\.net"
    r"|openneuro\.org|adni\.loni|loni\.usc|oasis-brains|ukbiobank|brain-development\.org|humanconnectome|fcon_1000|fmri\.ucl|nitrc\.org"
    r"|synapse\.org|med\.upenn\.edu|braintumorsegmentation|isic-archive|medicaldecathlon|fastmri|stanfordmlgroup|aimi\.stanford|nihcc\.app\.box|chestx"
    r"|ncbi\.nlm\.nih\.gov/(?:geo|sra|bioproject|gds|projects|clinvar)|ebi\.ac\.uk/(?:arrayexpress|ena|pride|chembl|biostudies|biomodels|bioimage-archive)|gdc\.cancer\.gov|portal\.gdc|cbioportal|xenabrowser|ega-archive|dbgap|firebrowse|broadinstitute|depmap"
    r"|archive\.ics\.uci\.edu|openml\.org|data\.mendeley\.com|datadryad\.org|dataverse|figshare\.com|zenodo\.org/(?:record|doi|deposit|api/files|api/record)|osf\.io|ieee-dataport"
    r"|huggingface\.co/datasets|hf\.co/datasets|cocodataset|image-net\.org|yann\.lecun|toronto\.edu/~kriz|cityscapes|lila\.science|gtexportal|encodeproject|uniprot|rcsb\.org|pdbbind|bindingdb|drugbank|moleculenet|deepchem|ogb\.stanford|snap\.stanford|data\.gov|commoncrawl"
    r"|academictorrents|tudatasets|wandb\.ai/.*dataset|tensorflow\.org/datasets|bbci\.de|bnci-horizon|isip\.piconepress|sleepdata\.org|mimic\.|msropendata|data\.csiro|pangaea\.de|idr\.openmicroscopy|s-bsst|recount|massive\.ucsd|proteomexchange|deepsea\.princeton|kundajelab|hgdownload"
    r"|celltrackingchallenge|hydroshare\.org|gin\.g-node\.org/(?!G-Node)|data\.4tu\.nl|scidb\.cn|gigadb|icpsr|registry\.opendata\.aws|modelscope\.cn/datasets|drivendata\.org|codalab|aicrowd|zindi|tianchi"
    r"|crcns\.org|neurovault|nda\.nih\.gov|ebrains|dandiarchive|cellxgene|singlecell\.broad|cellimagelibrary|materialsproject|nomad-lab|quantum-machine\.org|rxrx\.ai|gbif\.org"
    r"|ral\.ucar|copernicus\.eu|earthdata|esgf|ncei\.noaa|psl\.noaa|usgs\.gov|worldclim|robots\.ox\.ac\.uk/~vgg/data|vision\.caltech|paperswithcode\.com/dataset"
    r"|doi\.org/10\.(?:5281/zenodo|6084/m9\.figshare|5061/dryad|17632|7910/dvn|24432|7937|13026|21227|24381|12751|5524|25452)",
    re.IGNORECASE,
)
ACCESSION = re.compile(r"\b(?:GSE\d{3,7}|GSM\d{5,8}|E-(?:MTAB|GEOD|MEXP)-\d+|SR[PRX]\d{5,9}|ERP\d{5,9}|PRJ(?:NA|EB)\d{4,9}|PXD\d{6}|MTBLS\d+|EGA[SD]\d{8,}|phs\d{6}|S-B(?:SST|IAD)\d+|EMPIAR-\d+|ds00\d{4}|syn\d{6,9})\b")  # fmt: skip
LOADERS = re.compile(
    r"torchvision\.datasets\.(?!ImageFolder|DatasetFolder|VisionDataset|folder|FakeData)[A-Z]\w+|sklearn\.datasets\.(?:fetch_\w+|load_(?!svmlight|files)\w+)"
    r"|(?:tensorflow\.)?keras\.datasets\.\w+\.load_data|tensorflow_datasets\.(?:load|builder)|datasets\.load_dataset"
    r"|medmnist\.\w+|torch_geometric\.datasets\.\w+|ogb\.\w+\.\w*Dataset|dgl\.data\.\w+|torchaudio\.datasets\.\w+|torchtext\.datasets\.\w+"
    r"|monai\.apps\.\w*Dataset|openml\.datasets\.get_dataset|wfdb\.(?:dl_database|rdsamp|rdrecord)|GEOparse\.get_GEO|deepchem\.molnet\.\w+|scanpy\.datasets\.\w+|scvelo\.datasets\.\w+|scvi\.data\.(?!setup|read|register|get_)[a-z]\w+|seaborn\.load_dataset|nilearn\.datasets\.fetch_\w+|moabb\.datasets\.\w+|mne\.datasets\.\w+.*|tdc\..*|kaggle\.api.*|kagglehub\..*|chembl_webresource_client\..*|tensorflow\.examples\.tutorials\.mnist.*|mnist\..*"
)
# Small sets that come with a library: they show that a method works.
TOYS = re.compile(
    r"load_(?:iris|digits|diabetes|wine|breast_cancer|linnerud|boston)\b|mne\.datasets\.sample"
)
# Sets that come prepared with a library, to learn it.
PREPARED = re.compile(r"(?:scanpy|scvelo)\.datasets\.(?!ebi_expression_atlas|visium_sge)")
FETCHERS = re.compile(
    r"(?:urllib\.request\.|urllib\.|wget\.)?(?:urlretrieve|wget\.download)|urllib2?\.(?:request\.)?urlopen|requests\.get|pooch\.\w+|gdown\.\w+"
    r"|(?:.*\.)?download_url|(?:.*\.)?download_and_extract_archive|(?:.*\.)?download_and_unzip|(?:.*\.)?get_file|(?:.*\.)?hf_hub_download|(?:.*\.)?snapshot_download"
    r"|kaggle\..*|kagglehub\..*|wfdb\.dl_database|synapseclient\..*|(?:.*\.)?download_data\w*|(?:.*\.)?download_dataset\w*|ftplib\.FTP|boto3\..*"
)
SHELL_FETCH = re.compile(r"(?<![\w-])(?:wget|curl|aria2c|gsutil|aws s3|kaggle (?:datasets|competitions)|gdown|rsync|axel|fasterq-dump|prefetch (?=[\"$\'-]|[SED]RR)|synapse get|pyega3|gdc-client download|ukbfetch|datalad|dvc pull|git lfs pull|git annex get|download\.file\s*\(|contentid::resolve|getGEO\s*\(|GEOquery|TCGAbiolinks|GDCquery)")  # fmt: skip
CLOSED = re.compile(
    r"\b(?:where(?:ver)?|as far as) (?:possible|permitted|allowed)[^.]{0,40}\bdata\b|"
    r"\b(?:some|most|part|half|one|two|three|four|five|six|seven|eight|nine) of (?:them|these|those|which|the \w*\s?data-?sets?)\b[^.]{0,20}\b(?:is|are) (?:publicly |freely |openly )?(?:public|available|open)\b|"
    r"\bmade\b(?![^.]{0,400}\btrain)[^.]{0,120}\bin the test set\b[^.]{0,250}\bpublicly available|"
    r"only (?:the |a )?(?:example|sample|subsampled|subset|few)\b[^.]{0,40}\b(?:are|is) (?:publicly )?(?:available|provided|included|shared)|\bnot (?:yet )?(?:publicly |been )?(?:available|released|shared)\b[^.]{0,40}(?:privacy|access|ethic|restrict)|\(\W*not publicly available|data\b[^.]{0,20}\bnot yet released"
    r"|(?:data(?:set)?s?|images|scans|cohort|annotations|records)\b[^.]{0,120}\b(?:can ?not|cannot|can't|could not|not|never|won't)\b[^.]{0,40}\b(?:be )?(?:shared?|publicly|public|released?|distributed?|made available|available|provided?|published?|included (?:in this|here|due|because))"
    r"|(?:available|provided|shared|obtained|released|access)\b[^.]{0,60}\b(?:up)?on (?:reasonable )?request|request (?:from|to) the (?:corresponding )?author|contact (?:us|the authors?|me)\b[^.]{0,40}\b(?:data|access)"
    r"|\b(?:in-?house|private|proprietary|confidential|internal(?! :)|our own clinical)\b[^.]{0,30}\b(?:data(?! format)|dataset|cohort|images|scans)|data[^.]{0,30}\b(?:is|are) (?:private|confidential|proprietary)"
    r"|due to (?:privacy|ethical|legal|patient|data protection|confidential\w*|licens\w+)[^.]{0,80}\b(?:not|cannot|can't|unable)|(?:can ?not|can't|not able to|unable to|do not|not allowed to|don't) (?:share|release|publish|provide|distribute) (?:the |our |any )?(?:\w+ ){0,3}(?:data|images|patients?|scans)",
    re.IGNORECASE,
)
# Where an address should stand, and none does: a gap to be filled, or the paper's references.
BLANK = re.compile(
    r"LINK\s?\?+"
    r"|\bdata\w*\b[^.]{0,80}\b\[?(?:TODO|TBA|insert)[: ]+(?:add )?(?:link|url)\]?"
    r"|\bdata(?:set)?s?\b[^.]{0,40}\b(?:refer to|see) (?:the |our )?(?:paper|publication|manuscript|article)"
    r"\W{0,2}s? (?:citations|references|bibliography)",
    re.IGNORECASE,
)
PROMISE = re.compile(r"(?:will be|to be|soon|coming|is being|not yet)\b[^.]{0,60}\b(?:released?|available|uploaded|published|public|provided|added|shared)|coming soon|to be released|stay tuned|under construction|\bTBA\b|\bTBD\b", re.IGNORECASE)  # fmt: skip
DUMMY = re.compile(r"dummy|simulated|synthetic(?:ally)? (?:generated )?(?:data|example)|toy data|fake data|sample (?:images?|data|cases?|patients?)|example (?:images?|data|cases?)|(?:a )?few (?:images|samples)", re.IGNORECASE)  # fmt: skip
ABOUT_DATA = re.compile(r"\bdata\b|data-?sets?|\bcohort|\bimages\b|\bscans\b|\brecordings\b|\bcorpus\b|challenge|benchmark|database|repository|\bMRI\b|\bCT\b|x-?rays?|\bslides\b|\btrain|evaluat|\btest|experiment|download", re.IGNORECASE)  # fmt: skip
GETTING = re.compile(r"download|obtain|\bget the\b|access|register|request access|fetch|available (?:at|from|on|here|under|in|via|through)|can be found|retriev|acquired? from|hosted|source of the data|provided (?:at|by|in)|from the|\[here\]|link", re.IGNORECASE)  # fmt: skip
PREPARE = re.compile(r"pre_?-?process|prepare|make_?data|build_?data|create_?data|generate_?data|process_?data|convert|extract|dataset|data_?loader|load_?data|data_?gen|transform|normali[sz]e|split|clean|munge|resampl|register|datasets?/", re.IGNORECASE)  # fmt: skip
# A function of code: to normalise or to extract is to prepare data only where data are meant.
PREPARES_DATA = re.compile(r"pre_?process|prepare|data_?(?:set|loader|gen|frame)|(?:make|build|create|generate|process|load|get|read|fetch|convert|extract|split|clean|transform|normali[sz]e|filter|crop|pad|augment|mask|register|resample)\w*?(?:data|im(?:age|g)s?|scans?|seq|volumes?|patch|slices?|signals?|frames?|expression|gen(?:e|ome)|table|sets?|csv|nifti|dicom|wsi|tiles?|audio|smiles|mol|graph|ids?|corpus|text|records?|samples?|folds?|train)|resampl|munge", re.IGNORECASE)  # fmt: skip
READS = re.compile(
    r"^[^#%\n]*?(?<![\w.])(read(?:r::|xl::)?[._]?\w*|fread|readRDS|vroom|getGEO|imread|imageDatastore|niftiread|CSV\.read)\s*\(",
    re.MULTILINE,
)  # R, MATLAB, Julia
TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".npz", ".npy", ".mat", ".h5", ".hdf5", ".parquet", ".xlsx", ".xls", ".rds", ".rda", ".rdata", ".fasta", ".fa", ".fa.gz", ".nii.gz", ".nii", ".zip", ".tar.gz", ".xz", ".gz", ".pkl", ".txt", ".json", ".arff", ".feather", ".bed", ".vcf", ".dat", ".sdf", ".smi", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".zst", ".h5ad", ".loom", ".mtx", ".smiles", ".edf", ".hea", ".nc", ".tif", ".tiff", ".pickle", ".dta", ".sav", ".tfrecord", ".tfrecords", ".jsonl")  # fmt: skip


@dataclass(frozen=True)
class Data:
    """What is known of the data of an analysis."""

    named: tuple[Evidence, ...]  # public sets, named in the documents
    linked: tuple[Evidence, ...]  # links to places that keep data
    loaded: tuple[Evidence, ...]  # loaders in the code that fetch a public set
    fetched: tuple[Evidence, ...]  # code that downloads
    shell: tuple[Evidence, ...]  # commands that download
    committed: tuple[Evidence, ...]  # data in the repository
    closed: tuple[Evidence, ...]  # sentences that say that the data are not public
    promised: tuple[Evidence, ...]
    dummy: tuple[Evidence, ...]
    prepared: tuple[Evidence, ...]  # code that loads or prepares data
    hinted: tuple[Evidence, ...] = ()  # public sets that only the code names
    sourced: tuple[Evidence, ...] = ()  # data in the repository, with the papers they come from
    worlds: tuple[Evidence, ...] = ()  # public simulators in which the code learns
    simulated: tuple[Evidence, ...] = ()  # code that makes the data itself
    remarked: tuple[Evidence, ...] = ()  # such links in comments of the code
    kept: tuple[Evidence, ...] = ()  # data in the repository that only the code names
    downloads: tuple[Evidence, ...] = ()  # code that gets data from a place that keeps them
    by_hand: tuple[Evidence, ...] = ()  # places that the documents name, and no code asks
    elsewhere: tuple[Evidence, ...] = ()  # sentences that say that another project prepares them


def read(tree: Tree, code: Code, prose: Prose) -> Data:
    """Gather what the files say about the data."""
    named, linked = _documents(prose)
    used, remarked = _in_code(code)
    own = _calls(code, OWN_WORLD)
    prepared = _prepared(tree, code)
    loaded = [*_tried_on(_calls(code, LOADERS), prose, prepared), *_downloading(code)]
    fetched, shell = _calls(code, FETCHERS), _shell(tree, code, prose)
    settings = _in_settings(tree)
    downloads = [*loaded, *_from_places(code, fetched, shell, used, settings)]
    downloads = [e for e in downloads if _of_the_work(e)]
    hinted = _hinted(tree, code)
    told = [*linked, *named]
    return Data(
        downloads=tuple(e for e in downloads if not (told and TOYS.search(e.note))),
        by_hand=tuple(_by_hand(tree, prose, told, loaded, downloads)),
        named=tuple(named),
        linked=tuple([*linked, *settings, *used]),
        remarked=tuple(remarked),
        kept=tuple(_read_by_name(tree, code)),
        loaded=tuple(loaded),
        fetched=tuple(fetched),
        shell=tuple(shell),
        committed=tuple(_committed(tree, prose)),
        closed=tuple(x.says() for x in prose.all if _closes(x) or _of_a_clinic(x)),
        promised=tuple(
            x.says()
            for x in prose.all
            if PROMISE.search(x.text) and _of_data(x) or BLANK.search(x.text)
        ),
        dummy=tuple(x.says() for x in prose.find(DUMMY.pattern)),
        prepared=tuple(prepared),
        hinted=tuple(hinted),
        sourced=tuple(_sourced(tree, prose)),
        worlds=() if own or _calls(code, TABLES_READ) else tuple(_calls(code, WORLDS)),
        simulated=tuple([*_simulated(code, prose), *own]),
        elsewhere=tuple(_prepared_elsewhere(prose, code)),
    )


# Small sets on which people try whether a model learns at all.
TRIED_ON = re.compile(r"\b(?:mnist|fashionmnist|kmnist|cifar10|cifar100|load_\w+)\b", re.I)


def _tried_on(loaded: list[Evidence], prose: Prose, prepared: list[Evidence]) -> list[Evidence]:
    """The loaders, less those of small sets that no document names beside other data."""
    toys = [e for e in loaded if TRIED_ON.search(e.note.rsplit(".", 1)[-1])]
    others = {e.path for e in prepared} - {e.path for e in toys}
    told = re.search(r"mnist|cifar", prose.text, re.I)
    return [e for e in loaded if e not in toys or told or not others]


def _from_places(code: Code, fetched, shell, used, settings) -> list[Evidence]:
    """Downloads by code from a place that keeps data; a drive, a bucket or a lab's server is none.

    A command in a README tells people what to type: it is information, and no code. Where a file
    that downloads holds no address, it takes one from the settings or from another file.
    """
    fetched = [e for e in fetched if not WEIGHTS.search(e.path or "")]
    commands = [e for e in shell if not DOCUMENTS.search(e.path or "")]
    commands += [e for e in used if SHELL_FETCH.search(e.note)]  # os.system("wget …")
    named = [e for e in commands if any(p.search(e.note) for p in (HOSTS, ACCESSION, CLIENTS))]
    named += [e for e in used if OF_A_FILE.search(e.note) and not WEIGHTS.search(e.path or "")]
    places = {e.path for e in used}
    given = {m.path for m in code.main if not any("://" in text for text, _ in m.strings)}
    if not (used or settings):
        given = set()
    other = [e for e in [*fetched, *commands] if e.path in places or e.path in given]
    return list(dict.fromkeys([*named, *other]))


# What belongs to something else than the data of the work: models, lessons, examples.
LESSONS = re.compile(r"(?:get|download|fetch)_?(?:\w{0,60}models?|imagenet)\.\w+$|(?:^|/)(?:tutorials?|demos?|tests?|examples?|lessons?|workshops?)/", re.I)  # fmt: skip
# A host of code, a laboratory's own server: data may be there, but nobody keeps them.
KEEPS_NOTHING = re.compile(r"raw\.githubusercontent|//(?:www\.)?github\.com/|deepsea\.princeton|kundajelab|image-?net\.org|pip3? install", re.I)  # fmt: skip


def _of_the_work(e: Evidence) -> bool:
    """Whether a download is one of the data of the work, from a place that keeps them."""
    aside = OF_OTHERS.search(e.path or "") or LESSONS.search(e.path or "")
    return not aside and not KEEPS_NOTHING.search(e.note) and not PREPARED.match(e.note)


# Programs that ask one place and no other, so that no address stands beside them.
CLIENTS = re.compile(r"\bkaggle (?:datasets|competitions) download|\b(?:fasterq-dump|prefetch|zenodo_get|openneuro(?:-py)? download)\b|\bsynapse get\b|\bpyega3\b|\bgdc-client download\b|\bukbfetch\b|\bgetGEO\s*\(|GDCquery|TCGAbiolinks")  # fmt: skip
# An address in code that is one of a file: whatever function is given it, it is downloaded.
OF_A_FILE = re.compile(r"/files?/|[/=]download|\.(?:csv|tsv|zip|gz|tar|tgz|h5|hdf5|h5ad|npz|npy|mat|nii|txt|parquet|xlsx?|json|rds|fasta|fa|bed)\b(?!\.html)", re.I)  # fmt: skip
DOCUMENTS = re.compile(r"\.(?:md|rst|txt)$", re.I)
# Sets that are had on application: to name the repository that keeps them is enough.
GATED = re.compile(r"mimic|eicu|adni|uk ?bio-?bank|ukbb|dbgap|phs\d{6}|ega[sd]\d{11}|ppmi|oasis|hirid|nsrr|sleepdata", re.I)  # fmt: skip


def _by_hand(tree: Tree, prose: Prose, told: list[Evidence], loaded, downloads: list[Evidence]) -> list[Evidence]:  # fmt: skip
    """Places and sets that the README tells of, and no code that downloads asks for."""
    here = {path.rsplit("/", 1)[-1] for path in tree.paths}
    asked = "\n".join(tree.text(path) for path in {e.path for e in downloads if e.path})
    asked = _key(asked + "\n".join(e.note for e in downloads))
    words = {(line.path, line.number): line.text for line in prose.lines}
    wanted: dict[str, Evidence] = {}
    for e in told:
        ours = here & set(re.findall(r"[\w.-]+\.\w{2,5}", e.note))
        if ours or GATED.search(e.note) or not re.match(r"readme", e.path or "", re.I):
            continue
        name = public_set(ADDRESSES.sub(" ", e.note))
        place = HOSTS.search(e.note) or ACCESSION.search(e.note) or name
        if not place and OF_A_SERVER.search(e.note) and not AGAIN.search(words.get((e.path, e.line), "")):  # fmt: skip
            place = ADDRESSES.search(e.note)
        if place and not (loaded and WITH_LOADERS.search(e.note)):
            wanted.setdefault(_key(place[0]), e)
    if "physionet" in asked or "wfdb" in asked:
        wanted = {name: e for name, e in wanted.items() if not AT_PHYSIONET.match(name)}
    return [e for name, e in wanted.items() if name not in asked]


# Files on a drive, in a bucket or on a server of one's own, unless they are other data once more.
OF_A_SERVER = re.compile(r"drive\.google|dropbox|onedrive|1drv|sharepoint|pan\.baidu|mega\.nz|storage\.googleapis|/\S+\.(?:tar(?:\.gz)?|tgz|zip|csv|tsv|h5ad|h5|npz|bam|fa|fasta)(?:\.gz)?(?=$|[\s)\]?#])", re.I)  # fmt: skip
AGAIN = re.compile(r"pre-?processed|prepared|alternativ|mirror|sample|toy|example|weights|model|checkpoint", re.I)  # fmt: skip
# Sets that PhysioNet keeps, as `_key` writes them.
AT_PHYSIONET = re.compile(r"physionet|cinc|cpsc|mitbih|mitdb|sleepedf|ptb|chbmit|shhs|afdb|nsrdb")


# Pages of sets that loaders bring, whatever address these ask.
WITH_LOADERS = re.compile(r"toronto\.edu/~kriz|yann\.lecun|huggingface\.co|hf\.co|kaggle\.com|medicaldecathlon|openml|cocodataset|archive\.ics\.uci|zenodo", re.I)  # fmt: skip


def _key(text: str) -> str:
    """Places and names in one writing: the DOI and the address of a record are of one place."""
    text = re.sub(r"[ _-]", "", text.lower()).replace("10.5061/dryad", "datadryad.org")
    text = text.replace("10.6084/m9.figshare", "figshare.com").replace("10.17605/osf.io", "osf.io")
    return re.sub(r"(?:doi\.org/10\.5281/)?zenodo(?:\.org/[\w/]*|\.)?", "zenodo", text)


# Makers of public environments: what is learned from there comes with a package.
WORLDS = re.compile(
    r"(?:gym|gymnasium|gym_\w+|gymnax|safety_gym\w*|dm_control|minari|procgen|pettingzoo|minigrid|metaworld|robosuite|brax"
    r"|jumanji|pybullet_envs|bsuite|ale_py|mujoco_py|vizdoom|minerl|smac|highway_env|retro|envpool|crafter|nle|atari_py)"
    r"\.(?:[\w.]*\.)?(?:make|make_vec|load|load_env|ALEInterface|ProcgenEnv|DoomGame|StarCraft2Env|get_environment|ML1|ML10|ML45|MT10|MT50)"
    r"|(?:stable_baselines3?|baselines|tf_agents)\.(?:[\w.]*\.)?(?:make_(?:atari|atari_env|vec_env)|suite_\w+\.load)"
)
# Who reads tables or pictures has data of another kind beside the simulator's.
TABLES_READ = re.compile(r"(?:.*\.)?read_(?:csv|table|excel|parquet|feather|sql\w*)|nibabel\.load|(?:.*\.)?imread|SimpleITK\.ReadImage|pydicom\.\w+")  # fmt: skip
OWN_WORLD = re.compile(r"(?:gym|gymnasium)\.(?:envs\.registration\.)?register")
SIMULATES = re.compile(
    r"(?:simulat|generat|creat|make|sample|synthesi[sz]e|draw)\w{0,30}(?:synthetic|simulated|artificial|phantom)_?\w{0,20}data"
    r"|simulate_?(?:\w{0,20}_)?(?:data|dataset|samples?|signals?|sequences?|trajector\w*|spectra)(?![a-z])|generate_?phantoms?(?![a-z])",
    re.IGNORECASE,
)


MADE_HERE = re.compile(r"\bdata(?:[ -]?sets?)? (?:is|are|was|were|will be|can be) (?:\w+ ){0,3}(?:generated|simulated|synthesi[sz]ed|created by|made by)|\b(?:generates?|simulates?) (?:\w+ ){0,4}(?:data|data-?sets?|samples|trajectories|spectra)\b", re.I)  # fmt: skip


def _simulated(code: Code, prose: Prose) -> list[Evidence]:
    """Functions, and files of other languages, by whose names the data are made here.

    A helper for tests or for a demonstration is called so, too: a document has to say it.
    """
    if not any(MADE_HERE.search(line.text) for line in prose.all):
        return []
    found = [Evidence("makes data", path) for path in code.others if SIMULATES.search(path.rpartition("/")[2])]  # fmt: skip
    for module in code.main:
        found += [module.at(n, f"{name} makes data") for name, n in module.functions.items() if SIMULATES.search(name)]  # fmt: skip
    return found


PREPARED_ELSEWHERE = re.compile(
    r"\bfollow(?:ed|s|ing)?\b[^.!?\n]{0,60}\]\(https?://(?:www\.)?github\.com/[^)\s]{3,200}\)[^.!?\n]{0,60}\b(?:pre-?process\w*|prepar\w+ (?:the )?data\w*|data(?:set)? (?:preparation|processing|pre-?processing))"
    r"|\b(?:pre-?process(?:ed|ing)?|prepare[ds]?|data(?:set)? preparation)\b[^.!?\n]{0,60}\bfollow(?:s|ing)?\b[^.!?\n]{0,40}\]\(https?://(?:www\.)?github\.com/",
    re.IGNORECASE,
)


def _prepared_elsewhere(prose: Prose, code: Code) -> list[Evidence]:
    """Sentences that send to another repository for the preparation, where none is here."""
    here = re.compile(r"pre_?-?process|prepar", re.I)
    names = [name for m in code.main for name in m.functions]
    files = [p.rpartition("/")[2] for p in (*code.others, *(m.path for m in code.main))]
    if any(here.search(name) for name in [*files, *names]):
        return []
    told = [x for x in prose.lines if PREPARED_ELSEWHERE.search(x.text)]
    return [x.says() for x in told if not _is_reference(x)]


OF_A_CLINIC = re.compile(
    r"\b[Dd]ata(?:set)?s?\b[^.]{0,40} (?:from|at|by) (?:the |our |a )?"
    r"(?:(?:[A-Z][\w-]{1,30} ){1,4}(?:Institute|Hospital|Clinic|(?:Medical|Cancer) Cent(?:er|re))|[^.]{0,30}clinical trial)"
)


def _of_a_clinic(line: Line) -> bool:
    """Data that a hospital gave, without a word of where others would get them."""
    found = OF_A_CLINIC.search(line.text)
    told = found and line.text[found.start() :]
    public = told and re.search(
        r"National|Broad|Allen|Sanger|European", told
    )  # these publish theirs
    return (
        bool(told)
        and not public
        and "://" not in told
        and not NAMES.search(told)
        and not _is_reference(line)
    )


def _closes(line: Line) -> bool:
    """Whether a line closes the analysis's own data: not a licence, not a set with its own gate."""
    closed = CLOSED.search(line.text)
    if not closed and line.begins:  # a sentence may go over several lines
        closed = CLOSED.search(line.paragraph)
    if not closed or AS_A_WHOLE.match(closed.string, closed.end()):
        return False
    if MUSES.search(_sentence(closed)) or DRAFT.search(line.path):
        return False
    after = closed.string[closed.end() : closed.end() + 200]
    if "not" in closed[0] and ELSEWHERE.search(after):
        return False
    around = closed.string[max(0, closed.start() - 300) : closed.end() + 300]
    gated = re.search(r"MIMIC|ADNI|UK ?Bio-?bank|PhysioNet|dbGaP|OASIS|PPMI|eICU|TCGA|BraTS|HCP", around)  # fmt: skip
    own = re.search(r"\bour\b", closed[0])  # whatever others publish
    return "licen" not in line.heading and not (gated and not own)


def _sentence(found: re.Match) -> str:
    """What was found, from the beginning of its sentence."""
    before = found.string[max(0, found.start() - 80) : found.start()]
    return re.split(r"[.!?]\s", before)[-1] + found[0]


# Data in general, a sketch of a text, and what one finds all the same.
MUSES = re.compile(r"\b(?:if|whether|unless) (?:\w+ ){0,4}(?:data|data-?sets?)\b", re.I)
DRAFT = re.compile(r"(^|/)(?:scratch|drafts?|notes?|ideas|reviews?|rebuttal|responses?)[\w-]*(?:/|\.\w+$)", re.I)  # fmt: skip
ELSEWHERE = re.compile(r"\byou (?:can|may) (?:find|download|get|obtain) (?!(?:the |our |this )?(?:code|models?|weights|paper|scripts?)\b)[^.]{1,80}\b(?:here|at|from|under)\b", re.I)  # fmt: skip
AS_A_WHOLE = re.compile(r" (?:as|in) (?:a|one) ")  # what is not to be had in one piece is to be had


WEIGHTS = re.compile(r"weights|checkpoint|pre-?trained|trained (?:\w+ )?models?", re.I)
# Whoever owns a drive can empty it: it is a way to get data, and no publication of them.
DRIVES = re.compile(r"drive\.google|dropbox|onedrive|1drv|sharepoint|pan\.baidu|mega\.nz", re.I)
SHARED = re.compile(rf"{DRIVES.pattern}|amazonaws", re.I)


def _documents(prose: Prose) -> tuple[list[Evidence], list[Evidence]]:
    named, linked = [], []
    for line in prose.all:
        if _is_reference(line):
            continue
        if _says_data_set(line):
            named.append(line.says())
        for found in ACCESSION.findall(line.text):
            linked.append(line.says(f"accession {found}"))
    for link in prose.links:
        if _is_reference(link.line) and not USED_HERE.search(link.line.text):
            continue
        if MANUAL.search(link.address):
            continue
        around = f"{link.line.paragraph or link.line.text} {link.line.heading}"
        own_place = HOSTS.search(link.address) and not NO_PLACE.search(link.address)
        about = ABOUT.search(around)
        shared = re.search(r"drive\.google|dropbox|onedrive|1drv|sharepoint|pan\.baidu|box\.com|mega\.nz|amazonaws|storage\.googleapis|figshare|zenodo|osf\.io|doi\.org/10\.(24432|5281|6084|17632|5061|17605|7910|13026|7937)|\.zip\b|\.tar\.gz\b|\.csv\b|\.(?:h5ad|loom|npz|nii|tsv|tgz|mat|hdf5)(?:\.gz)?$", link.address, re.I)  # fmt: skip
        models_only = (
            WEIGHTS.search(link.line.text)
            and not re.search(r"data", link.line.text, re.I)
            or SHARED.search(link.address)
            and WEIGHTS.search(link.line.heading.split(" > ")[-1])
            and not re.search(r"data", f"{link.label} {link.line.heading}", re.I)
        )
        if (
            own_place
            or USED_HERE.search(link.line.text)
            or (about and shared)
            or _links_data(link)
            or _tells_where(link)
        ) and not models_only:
            linked.append(link.line.says(shortened(link.address)))
    return named, linked


# A sentence about one's own data, under whatever heading it stands.
USED_HERE = re.compile(r"\bdata-?sets? (?:that (?:are|were) )?used in (?:this|our|the) (?:paper|work|study|article)\b", re.I)  # fmt: skip


def _in_settings(tree: Tree) -> list[Evidence]:
    """Addresses that a settings file gives to the code that downloads."""
    found = []
    for path in tree.matching(r"(.*/)?(config|params|settings|conf)[\w-]*\.(ya?ml|json|toml)")[:50]:
        for number, line in enumerate(tree.lines(path)[:2000], start=1):
            if (
                re.search(r"\b(url|address|source|link)s?\w*['\"]?\s*[:=]", line, re.I)
                and "://" in line
            ):
                if not re.search(r"weights|checkpoint|model", line, re.I) and not SERVICE.search(
                    line
                ):
                    found.append(Evidence(shortened(line), path, number))
    return found


def _hinted(tree: Tree, code: Code) -> list[Evidence]:
    """Public sets that the code names in strings, classes and files: where it reads them."""
    found = []
    for module in code.main:
        named = [*((n, module.functions.get(n, 1)) for n in module.classes), *module.strings]
        for text, line in named:
            if (
                len(text) < 300
                and not SERVICE.search(text)
                and (name := public_set(text) or CALLED_CHALLENGE.search(text))
            ):
                found.append(module.at(line, f"names {name[0]}"))
                break
        if len(found) > 4:
            return found
    for path in tree.ending(".yaml", ".yml", ".csv", ".json", ".npz")[:2000]:
        if name := public_set(path.rsplit("/", 1)[-1]):
            found.append(Evidence(f"is called for {name[0]}", path))
    for path in tree.matching(r"(.*/)?\w*(?:list|split|train|test|val)\w*(?:/[\w-]+)?\.txt")[:50]:
        if name := public_set(tree.head(path, 2000).decode("utf-8", "replace")):
            found.append(Evidence(f"lists cases of {name[0]}", path))
    kept = [(f, name) for f in _data_folders(tree) if (name := public_set(f.rsplit("/", 1)[-1]))]
    if kept:
        found += [Evidence(f"is called for {name[0]}", f) for f, name in kept[:5]]
        return found
    for path, text in code.others.items():
        if name := public_set(text[:50_000]):
            line = text.count("\n", 0, name.start()) + 1
            found.append(Evidence(f"names {name[0]}", path, line))
    return found


# Addresses of documentation, and of this machine.
MANUAL = re.compile(r"://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)|://(?:docs?|manual|wiki|help)\.|manual[./-]|readthedocs|/(?:docs?|manuals?|documentation|tutorials?)/\S*\.html?|#id\d", re.I)  # fmt: skip


def _data_folders(tree: Tree) -> list[str]:
    """Folders that hold files which are no code: data, results, settings."""
    code = (".py", ".ipynb", ".r", ".m", ".sh", ".md", ".rst", ".html", ".js", ".css")
    found = {path.rpartition("/")[0] for path in tree.paths if not path.lower().endswith(code)}
    return sorted(f for f in found if f and not ASIDE.search(f"{f}/"))[:5000]


KEEPS_ALL = re.compile(
    r"zenodo|figshare|osf\.io|synapse|g-node", re.I
)  # data, weights and code alike
NO_PLACE = re.compile(rf"{KEEPS_ALL.pattern}|://(?:www\.)?github\.com/", re.I)  # or it is code
ABOUT = re.compile(r"data|image|cohort|scans|corpus|challenge|sequences|expression", re.I)


# What answers one question after the other: no place from where a data set is taken.
SERVICE = re.compile(r"\.(?:php|cgi|aspx?|jsp)\b|//rest\.|/(?:rest|ws|webservices?|eutils|search|query|cgi-bin)\b|uniprot\.org/(?:uniprot(?:kb)?/?$|uploadlists|idmapping|mapping)", re.I)  # fmt: skip


def _in_code(code: Code) -> tuple[list[Evidence], list[Evidence]]:
    """Addresses of places that keep data, in scripts: those that are used, and those in comments."""
    models = re.compile(r"weights|checkpoint|pretrained|\.pth?\b|\.ckpt|model", re.IGNORECASE)
    found: list[Evidence] = []
    remarked: list[Evidence] = []
    for module in code.main:
        for value, line in module.strings:
            if (
                "://" in value
                and len(value) < 300
                and HOSTS.search(value)
                and not models.search(value)
                and not SERVICE.search(value)
                and (not KEEPS_ALL.search(value) or ABOUT.search(module.text))
            ):
                sentence = value.count(" ") > 4 and not SHELL_FETCH.search(value)
                (remarked if sentence else found).append(module.at(line, shortened(value)))
    for path, text in code.others.items():
        if re.search(r"/examples?/", path):
            continue  # of a library that was copied in
        for number, line in enumerate(text.splitlines(), start=1):
            comment = line.lstrip().startswith(("#", "%", "//", "--"))
            said = comment and not ABOUT.search(ADDRESSES.sub(" ", line))
            if "://" in line and len(line) < 500 and HOSTS.search(line) and not models.search(line):
                if said or SERVICE.search(line):
                    continue  # a comment may tell where a function came from
                (remarked if comment else found).append(Evidence(shortened(line), path, number))
    return found, remarked


NOT_DATA = re.compile(
    r"software\.html?|/software/?$|toolbox|toolkit|github|gitlab|bitbucket|python\.org|conda|pytorch\.org|tensorflow\.org|keras\.io|nvidia|docker|r-project|rstudio|posit\.co|bioconductor|mathworks|java|microsoft"
    r"|jupyter|colab|wikipedia|youtube|arxiv|doi\.org|springer|ieee\.org/(?:abstract|document)|sciencedirect|nature\.com|ncbi\.nlm\.nih\.gov/p|rxiv\.org|openreview|thecvf|\.(?:pdf|png|jpe?g|svg|gif|py|md|ya?ml|sh|exe|deb)\b",
    re.IGNORECASE,
)  # fmt: skip


def _tells_where(link) -> bool:
    """A sentence that says of data where one downloads them, with the address."""
    gets = re.search(r"\bthe data\b[^.]{0,60}\bdownload it from\b|\b(?:data|data-?sets?|images|scans|recordings|sequences|cohort)\b[^.]{0,120}\b(?:downloaded|obtained|available|hosted|found|provided|deposited|stored|accessible|released|shared)\b|\bdownload\b[^.]{0,80}\b(?:data|data-?sets?|images|scans|recordings|sequences|them)\b", link.line.paragraph or link.line.text, re.I)  # fmt: skip
    return (
        bool(gets)
        and link.address.startswith(("http", "www", "ftp"))
        and not NOT_DATA.search(link.address)
    )


def _links_data(link) -> bool:
    """A link whose own words call it a data set."""
    paper = re.search(r"\.pdf|arxiv|doi\.org|springer|ieee|sciencedirect|nature\.com|pubmed|biorxiv|medrxiv|openreview|thecvf|aclweb|wiley|plos", link.address, re.I)  # fmt: skip
    name = NAMES.fullmatch(link.label)
    called = re.search(r"data-?set|\bdatabase\b|\bdata\b|\bchallenge\b", link.label, re.I) or name and not WEAK.fullmatch(link.label)  # fmt: skip
    return bool(called) and not paper and link.address.startswith(("http", "www", "ftp"))


def _is_reference(line: Line) -> bool:
    """Lists of papers name data sets that the analysis does not use."""
    last = line.heading.split(" > ")[-1]
    if re.search(r"where new|belongs?\b|deposit", last):
        return True  # where data could go is not where these are
    return bool(re.search(r"^references|citation|^cite|citing|bibtex|acknowledg|related (?:work|projects)|licen[sc]e", last)) or line.lower.lstrip().startswith(("title", "author", "@", "journal", "booktitle"))  # fmt: skip


CHALLENGE = re.compile(r"\b(?:[A-Z][\w-]+ ){2,7}(?:Challenge|Grand Challenge|Database|Data Collection|Atlas)\b")  # fmt: skip


OPEN_SET = re.compile(
    r"\b(?:public(?:ly[- ]available)?|open(?:-access)?|freely available|benchmark) (?:[\w-]+ ){0,3}data-?(?:sets?|bases?)\b[^.]{0,60}(?:\b[A-Z][\w-]*[A-Z0-9][\w-]*\b|https?://)"
)
OF_A_CHALLENGE = re.compile(r"\bpublic(?:ly available)? data-?set\b[^.]{0,60}\bchallenge\b[^.]{0,60}\b20\d\d\b", re.I)  # fmt: skip
# Challenges go by the conference and the year.
_MEETING = r"\b(?:MICCAI|ISBI|MIDL|SPIE|EMBC|CinC|NeurIPS|NIPS|CVPR|ECCV|ICCV|KDD|DREAM|PhysioNet|RSNA|IPMI)[\s'’-]{0,2}(?:20)?[012]\d\b"
OF_A_MEETING = re.compile(
    rf"\b[Cc]hallenges?\b[^.\n]{{0,60}}{_MEETING}|{_MEETING}[^.\n]{{0,60}}\b[Cc]hallenges?\b"
)
CALLED_CHALLENGE = re.compile(
    r"(?:ISBI|MICCAI|RSNA|SPIE|IEEE|EMBC|CinC|Kaggle|DREAM|DCASE|LUNA|grand)[\w-]{0,40}[Cc]hallenge|grand-challenge"
)


def _says_data_set(line: Line) -> bool:
    if CHALLENGE.search(line.text) and re.search(r"\bdata|train|images", line.lower):
        return True
    if (
        OPEN_SET.search(line.text)
        or public_set(ADDRESSES.sub(" ", line.text))
        or OF_A_CHALLENGE.search(line.text)
        or OF_A_MEETING.search(line.text)
        and not re.search(
            r"winn|accepted|won\b|place\b|official (?:code|implementation)|paper", line.text, re.I
        )
    ):
        return True
    for found in NAMES.finditer(ADDRESSES.sub(" ", line.text)):
        name = found[0]
        if not WEAK.fullmatch(name):
            return True
        around = line.text[max(0, found.start() - 40) : found.end() + 60]
        generic = re.search(r"pre-?train|backbone|initiali[sz]|weights", line.text, re.I)
        if (
            re.search(r"data-?set|\bdata\b|database|challenge|benchmark|corpus", around, re.I)
            and not generic
        ):
            return True
    return False


ADDRESSES = re.compile(r"https?://\S+")


def _downloading(code: Code) -> list[Evidence]:
    """Classes of data sets that are chosen by a name, and told to download what they stand for."""
    chosen = re.compile(r"(?:torchvision|torchaudio|torchtext|torch_geometric|dgl|ogb|medmnist)\.[\w.]*(?:__dict__|getattr\(\))|getattr\(\)")  # fmt: skip
    return [
        module.at(call.line, f"{shortened(call.name)} with download=True")
        for module in code.main
        for call in module.calls
        if call.keywords.get("download") is True and chosen.search(call.name)
    ]


def _calls(code: Code, pattern: re.Pattern) -> list[Evidence]:
    return [
        module.at(call.line, shortened(call.name))
        for module in code.main
        for call in module.calls
        if pattern.fullmatch(call.name)
    ]


def _shell(tree: Tree, code: Code, prose: Prose) -> list[Evidence]:
    found = [line.says() for line in prose.all if SHELL_FETCH.search(line.text) and not SOFTWARE.search(line.text) and not SENDS.search(line.text) and ("http" in line.text or "kaggle" in line.text or "s3:" in line.text or line.code)]  # fmt: skip
    make = {path: tree.text(path) for path in tree.matching(MAKEFILE)[:50]}
    for path, text in (code.others | make).items():
        if ASIDE.search(path) or re.search(r"/examples?/", path):
            continue  # of a library that was copied in
        given = dict(re.findall(r"^([A-Za-z_]\w{0,30})=(\S{1,300})", text, re.MULTILINE))
        for number, line in enumerate(text.splitlines(), start=1):
            if len(line) < 2000 and SHELL_FETCH.search(line) and not SENDS.search(line) and not SOFTWARE.search(line) and not line.lstrip().startswith("#"):  # fmt: skip
                found.append(Evidence(shortened(_filled(line, given), 300), path, number))
    for module in code.main:
        found += [module.at(n, shortened(line)) for line, n in module.shell if SHELL_FETCH.search(line) and not SOFTWARE.search(line)]  # fmt: skip
    return found


MAKEFILE = r"(.*/)?(?:gnu)?makefile|.*\.mk"
# What is sent to a server, or asked of one on the same machine.
SENDS = re.compile(r"\bcurl\b.{0,300}?\s(?:-F|-d|--form|--data(?:-\w+)?|-T|-X ?(?:POST|PUT))\b|://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)")  # fmt: skip
SOFTWARE = re.compile(r"\b(?:apt|apt-get|yum|dnf|brew|pip3?|conda|mamba)\b[^|;&]{0,60}\binstall\b|apt-key|//download\.docker\.|\.(?:deb|rpm|whl|exe|dmg|run)\b|miniconda|anaconda|miniforge|/cuda[-_/]|get-pip", re.I)  # fmt: skip


def _filled(line: str, given: dict[str, str]) -> str:
    """A command with the shell variables that its script gives on lines of their own."""
    return re.sub(r"\$\{?(\w{1,30})\}?", lambda name: given.get(name[1], name[0]), line)


def _of_data_folder(path: str) -> str:
    """The path down to the folder that is called for data, with the slash; empty where none is."""
    folders = path.split("/")[:-1]
    called = [n for n, name in enumerate(folders) if re.search(r"data|input|corpus|raw", name)]
    return "/".join(folders[: called[0] + 1]) + "/" if called else ""


# What lies beside data and is none: samples, lists of what is elsewhere, results.
NO_DATA = re.compile(r"sample|example|demo|test_?data|toy|dummy|readme|requirements|result|config|metadata|manifest|(?:^|[/_.-])(?:file)?(?:ids?|uids?|list|filenames?)[^/a-z][^/]*$|datasets?\.txt|\.json$")  # fmt: skip


def _tells_folder(folder: str, told: str) -> bool:
    """Whether the documents speak of a folder by its path, or as of a folder."""
    bare = folder[:-1]
    if folder in told or f"`{bare}`" in told:
        return True
    name = re.escape(bare.rpartition("/")[2])
    quoted = rf"(?:folder|directory)\b[^.\n]{{0,30}}['\"“‘*]{name}['\"”’*]"
    called = rf"['\"“‘*]?\b{name}['\"”’*]? (?:folder|directory)\b"
    return bool(re.search(f"{quoted}|{called}", told))


PICTURES = (".nii", ".nii.gz", ".tif", ".tiff")


def _committed(tree: Tree, prose: Prose) -> list[Evidence]:
    """Data files in the repository, where a document speaks of them or of their folder."""
    found, pictures = [], []
    told = "\n".join(line.lower for line in prose.all)
    tells = cache(lambda folder: _tells_folder(folder, told))  # many files lie in one folder
    for path, lower in _files_of_data(tree):
        name, folder = lower.rsplit("/", 1)[-1], _of_data_folder(lower)
        if name in told or folder and tells(folder):
            kind = pictures if lower.endswith(PICTURES) else found
            kind.append(Evidence(f"{tree.sizes[path]:,} bytes", path))
    return found + (pictures if len(pictures) >= 10 else [])  # a few only show what they look like


def _files_of_data(tree: Tree) -> list[tuple[str, str]]:
    """Files that hold data by their names, each also in lower case."""
    place = re.compile(r"(^|/)[\w-]*(data|dataset|input|corpus|raw)[\w-]*[/.]")
    found = [(path, path.lower()) for path in tree.ending(*TABLES) if tree.sizes[path] > 500]
    return [(path, name) for path, name in found if place.search(name) and not NO_DATA.search(name)]


def _read_by_name(tree: Tree, code: Code) -> list[Evidence]:
    """Files of data of some size that the code reads by their whole names."""
    read = {value.lower().rsplit("/", 1)[-1] for m in code.main for value, _ in m.strings if len(value) < 300}  # fmt: skip
    return [
        Evidence(f"{tree.sizes[path]:,} bytes, read by the code", path)
        for path, lower in _files_of_data(tree)
        if tree.sizes[path] > 50_000 and len(name := lower.rsplit("/", 1)[-1]) > 12 and name in read
    ]


FROM_PAPER = re.compile(r"\bet al\b|\bdoi\b|\b10\.\d{4,9}/", re.I)


def _sourced(tree: Tree, prose: Prose) -> list[Evidence]:
    """Tables beside a document of their own that names each of them and a paper it comes from."""
    found = []
    papers: dict[str, list[Line]] = {}
    for line in prose.others:
        folder = line.path.lower().rpartition("/")[0]
        if FROM_PAPER.search(line.text) and re.search(r"(^|/)data(sets?)?$", folder):
            papers.setdefault(line.path, []).append(line)
    for path, lines in papers.items():
        folder = path.rpartition("/")[0] + "/"
        told = "\n".join(line.lower for line in lines)
        for other in tree.below(folder.removesuffix("/")):
            name = other[len(folder) :].lower()
            if name.endswith(TABLES) and name in told:
                if tree.sizes[other] > 500:
                    found.append(Evidence(f"{tree.sizes[other]:,} bytes, with its paper", other))
    return found if len(found) > 1 else []


def _prepared(tree: Tree, code: Code) -> list[Evidence]:
    found = []
    for module in code.main:
        names = [*module.functions, *module.classes]
        if PREPARE.search(module.path):
            found.append(Evidence("code that prepares data", module.path, 1))
        else:
            hit = next((name for name in names if PREPARES_DATA.search(name)), None)
            if hit:
                found.append(module.at(module.functions.get(hit, 1), f"{hit} prepares data"))
    found += [Evidence("code that prepares data", p) for p in code.others if PREPARE.search(p)]
    if not found:
        found = [Evidence(f"reads data: {shortened(hit[0], 40)}", p, text[: hit.start()].count("\n") + 1) for p, text in code.others.items() if (hit := READS.search(text))]  # fmt: skip
        found += _calls(code, LOADERS)
        readers = re.compile(
            r"((?:.*\.)?read_(?:csv|table|excel|hdf|pickle|parquet)|pandas\.read_\w+|numpy\.(load|loadtxt|genfromtxt)|h5py\.File|nibabel\.load|.*imread|scipy\.io\.loadmat|(?:.*\.)?SeqIO\.parse|pydicom\.\w+|SimpleITK\.ReadImage|torchaudio\.load|librosa\.load|mne\.io\.\w+|anndata\.read\w*|scanpy\.read\w*|pyedflib\.\w+|wfdb\.rd\w+|PIL\.Image\.open|.*Image\.open|csv\.(?:reader|DictReader))"
        )
        found += [m.at(c.line, f"{c.name} reads data") for m in code.main for c in m.calls if readers.fullmatch(c.name)][:3]  # fmt: skip
    return found


def _of_data(line: Line) -> bool:
    """A promise of data, and not one of code or models that happens to say "data"."""
    if re.search(
        r"\b(?:more|further|additional|other|new) (?:\w+ ){0,3}(?:will|to) be\b", line.text, re.I
    ):
        return False  # beside those that are there
    building = re.search(r"under construction|work in progress", line.text, re.I)
    if building and re.search(r"\bdata", f"{line.heading.split(' > ')[-1]} {line.lower}"):
        return True
    return bool(re.search(r"\bdata(?:set)?s?\b[^.]{0,40}\b(?:will|to be|soon|not yet|coming|being)|(?:will|to) (?:be )?(?:release|publish|share|upload|provide)\w* (?:the |our |all )?(?:\w+ )?data", line.text, re.I))  # fmt: skip
