"""Repositories of medical imaging: where the weights are, where the data are, what a README says."""

# ruff: noqa: E501 (lines of README files are as long as people write them)

from tests.synthetic.base import MIT, POINTER, WEIGHTS, Repository

KERAS_ON_REQUEST = Repository(
    passes="heil.dependencies midl.dependencies midl.training midl.evaluation midl.documentation",
    files={
        "README.md": """
            # Grading knee osteoarthritis in radiographs

            Code of our study. The radiographs were acquired at our hospital and cannot be shared publicly for reasons of privacy;
            they are available from the corresponding author upon reasonable request.
            Put the images into `data/train`, `data/val` and `data/test`, with one folder for each of the five grades.

            ## Requirements

            Python 3.8. `pip install -r requirements.txt` installs all packages.

            ## Training

            `python fit_grader.py --images data` trains the network and writes `grader.h5`.

            ## Evaluation

            `python test_grader.py --images data/test --model grader.h5` prints accuracy and quadratic kappa.
        """,
        "requirements.txt": "numpy==1.19.5\nscikit-learn==0.24.2\ntensorflow==2.5.0\n",
        "fit_grader.py": """
            import argparse

            from tensorflow import keras
            from tensorflow.keras.preprocessing.image import ImageDataGenerator

            parser = argparse.ArgumentParser()
            parser.add_argument("--images", default="data")
            args = parser.parse_args()

            images = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
            train = images.flow_from_directory(f"{args.images}/train", target_size=(224, 224))
            val = images.flow_from_directory(f"{args.images}/val", target_size=(224, 224))
            model = keras.Sequential([
                keras.layers.Conv2D(32, 3, activation="relu", input_shape=(224, 224, 3)),
                keras.layers.GlobalAveragePooling2D(),
                keras.layers.Dense(5, activation="softmax"),
            ])
            model.compile("adam", "categorical_crossentropy")
            model.fit(train, validation_data=val, epochs=60)
            model.save("grader.h5")
        """,
        "test_grader.py": """
            import argparse

            from sklearn.metrics import accuracy_score, cohen_kappa_score
            from tensorflow import keras
            from tensorflow.keras.preprocessing.image import ImageDataGenerator

            parser = argparse.ArgumentParser()
            parser.add_argument("--images")
            parser.add_argument("--model")
            args = parser.parse_args()

            test = ImageDataGenerator(rescale=1 / 255).flow_from_directory(args.images, target_size=(224, 224), shuffle=False)
            grades = keras.models.load_model(args.model).predict(test).argmax(1)
            print(accuracy_score(test.classes, grades), cohen_kappa_score(test.classes, grades, weights="quadratic"))
        """,
    },
)

INFERENCE_ONLY = Repository(
    passes="heil.models heil.dependencies midl.dependencies midl.evaluation midl.model midl.license",
    evidence={"midl.model": ("README.md", None), "heil.models": ("README.md", None)},
    files={
        "LICENSE": MIT,
        "README.md": """
            # Vessel segmentation in TOF angiography

            This tool segments the arteries of the circle of Willis.

            Install it with `pip install -r requirements.txt`.
            The trained weights are archived at Zenodo: https://doi.org/10.5281/zenodo.5120077; save them as `vessels.pt`.

            ```
            python predict.py --input scan.nii.gz --weights vessels.pt --output vessels.nii.gz
            ```

            The scan must be skull-stripped and resampled to 0.5 mm.
        """,
        "requirements.txt": "nibabel==4.0.2\nnumpy==1.23.3\ntorch==1.12.1\n",
        "network.py": """
            from torch import nn


            class VesselNet(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.conv = nn.Conv3d(1, 1, 3, padding=1)

                def forward(self, x):
                    return self.conv(x).sigmoid()
        """,
        "predict.py": """
            import argparse

            import nibabel
            import numpy as np
            import torch

            from network import VesselNet

            parser = argparse.ArgumentParser()
            for name in ("--input", "--weights", "--output"):
                parser.add_argument(name, required=True)
            args = parser.parse_args()

            scan = nibabel.load(args.input)
            net = VesselNet()
            net.load_state_dict(torch.load(args.weights, map_location="cpu"))
            net.eval()
            with torch.no_grad():
                mask = net(torch.from_numpy(scan.get_fdata()[None, None]).float())[0, 0] > 0.5
            nibabel.save(nibabel.Nifti1Image(mask.numpy().astype(np.uint8), scan.affine), args.output)
        """,
    },
)

_CXR_TRAIN = """
    import sys

    import numpy as np
    import torch
    from torch import nn

    from cxr import XRays, network

    torch.manual_seed(3)
    net = network()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for epoch in range(30):
        for image, label in torch.utils.data.DataLoader(XRays(sys.argv[1], "train"), 32, shuffle=True):
            loss = nn.functional.binary_cross_entropy_with_logits(net(image)[:, 0], label)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    torch.save(net.state_dict(), "cxr.pth")
"""
_CXR_EVALUATE = """
    import sys

    import torch
    from sklearn.metrics import roc_auc_score

    from cxr import XRays, network

    net = network()
    net.load_state_dict(torch.load("cxr.pth"))
    net.eval()
    truth, chance = [], []
    for image, label in XRays(sys.argv[1], "test"):
        truth.append(label)
        chance.append(net(image[None]).item())
    print("AUC", roc_auc_score(truth, chance))
"""
_CXR = """
    import pathlib

    import numpy as np
    import torch
    from torch import nn


    class XRays(torch.utils.data.Dataset):
        def __init__(self, folder, part):
            self.paths = sorted(pathlib.Path(folder, part).glob("*.npz"))

        def __len__(self):
            return len(self.paths)

        def __getitem__(self, index):
            one = np.load(self.paths[index])
            return torch.from_numpy(one["image"]), float(one["label"])


    def network():
        return nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 1))
"""
_CXR_README = """
    # Pneumothorax in chest radiographs

    We use the NIH ChestX-ray14 images, which `bash download.sh` gets from https://nihcc.app.box.com/v/ChestXray-NIHCC.
    `python convert.py images/ data/` scales them to 256 x 256 and splits them by patient.

    ## Packages

    `pip install -r requirements.txt`

    ## Training

    `python learn.py data/` writes the trained network to `cxr.pth`.

    ## Evaluation

    `python score.py data/` prints the area under the ROC curve on the test part.
"""
_CXR_FILES = {
    "requirements.txt": "numpy==1.21.6\npillow==9.1.0\nscikit-learn==1.0.2\ntorch==1.11.0\n",
    "download.sh": """
        wget https://nihcc.app.box.com/v/ChestXray-NIHCC/images.tar.gz
        tar -xzf images.tar.gz
    """,
    "convert.py": """
        import pathlib
        import sys
        import zlib

        import numpy as np
        from PIL import Image

        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.png")):
            part = "test" if zlib.crc32(path.name[:8].encode()) % 5 == 0 else "train"
            image = np.asarray(Image.open(path).convert("L").resize((256, 256)), dtype="float32")[None] / 255
            np.savez(pathlib.Path(sys.argv[2], part, path.stem), image=image, label="Pneumothorax" in path.name)
    """,
    "learn.py": _CXR_TRAIN,
    "score.py": _CXR_EVALUATE,
    "cxr.py": _CXR,
}
_CXR_PASSES = "heil.data heil.dependencies midl.dependencies midl.training midl.evaluation midl.documentation midl.public-data midl.repeatable"  # noqa: E501


def _weights(words: str) -> dict[str, str]:
    return {**_CXR_FILES, "README.md": f"{_CXR_README}\n    ## Weights\n\n    {words}\n"}


ON_DRIVE = Repository(
    passes=f"{_CXR_PASSES} midl.model",
    unknown="heil.deterministic",
    evidence={"midl.model": ("README.md", 20)},
    files=_weights(
        "Our trained model can be downloaded from [Google Drive](https://drive.google.com/file/d/1mXo2Kq7/view)."
    ),
)

IN_LFS = Repository(
    passes=f"{_CXR_PASSES} midl.model midl.license",
    unknown="heil.deterministic",
    evidence={"midl.model": ("weights/cxr.pth", None), "midl.license": ("README.md", None)},
    files={
        **_weights(
            "The weights of the reported model are in `weights/`. Code and weights are released under the MIT license."
        ),
        "weights/cxr.pth": POINTER,
        ".gitattributes": "*.pth filter=lfs diff=lfs merge=lfs -text\n",
    },
)

COMMITTED = Repository(
    passes=f"{_CXR_PASSES} heil.code heil.models midl.model midl.license",
    unknown="heil.deterministic",
    evidence={"midl.model": ("weights/cxr.pth", None), "heil.code": ("README.md", None)},
    files={
        **_weights(
            "The weights of the reported model are in `weights/`. This repository is archived: [![DOI](https://zenodo.org/badge/DOI/10.5281/zenodo.6120931.svg)](https://doi.org/10.5281/zenodo.6120931)"
        ),
        "weights/cxr.pth": WEIGHTS,
        "LICENSE": MIT,
    },
)

IMAGENET_ONLY = Repository(
    passes=_CXR_PASSES,
    unknown="heil.deterministic",
    files={
        **_weights(
            "The backbone starts from the ImageNet weights of torchvision, [resnet18-f37072fd.pth](https://download.pytorch.org/models/resnet18-f37072fd.pth)."
        ),
        "pretrained/resnet18-f37072fd.pth": WEIGHTS,
        "requirements.txt": "numpy==1.21.6\npillow==9.1.0\nscikit-learn==1.0.2\ntorch==1.11.0\ntorchvision==0.12.0\n",
        "cxr.py": _CXR.replace(
            "def network():",
            "def network():\n        import torchvision\n\n        return torchvision.models.resnet18(pretrained=True)\n\n\n    def small():",
        ),
    },
)

PAPER_DOI = Repository(
    passes=f"{_CXR_PASSES} midl.license",
    unknown="heil.deterministic",
    files={
        **_weights(
            "Will be uploaded after publication.\n\n    ## Citation\n\n    Please cite our paper: https://doi.org/10.1007/s00330-021-08123-4"
        ),
        "LICENSE": MIT,
        "CITATION.cff": """
            cff-version: 1.2.0
            message: Please cite the paper.
            title: Pneumothorax in chest radiographs
            authors:
              - name: The thorax group
            preferred-citation:
              type: article
              title: Pneumothorax in chest radiographs
              authors:
                - name: The thorax group
              doi: 10.1007/s00330-021-08123-4
        """,
    },
)

CODE_DOI = Repository(
    passes=f"{_CXR_PASSES} heil.code",
    unknown="heil.deterministic",
    evidence={"heil.code": ("CITATION.cff", 8)},
    files={
        "README.md": _CXR_README,
        **_CXR_FILES,
        "LICENSE": "If you use this code in your research, please cite our paper.\n",
        "CITATION.cff": """
            cff-version: 1.2.0
            message: Please cite this software.
            title: Pneumothorax in chest radiographs
            authors:
              - name: The thorax group
            identifiers:
              - type: doi
                value: 10.5281/zenodo.6120931
                description: The archived release of the code
            preferred-citation:
              type: article
              title: Pneumothorax in chest radiographs
              authors:
                - name: The thorax group
              doi: 10.1007/s00330-021-08123-4
        """,
    },
)

LOST_FILES = Repository(
    passes="heil.data heil.dependencies midl.dependencies midl.training midl.evaluation midl.license midl.public-data midl.repeatable",
    unknown="heil.deterministic",
    evidence={"midl.documentation": ("README.md", None)},
    files={
        **_CXR_FILES,
        "LICENSE": MIT,
        "README.md": _CXR_README.replace("python learn.py", "python tools/train_cxr.py").replace(
            "`python score.py data/`", "`python tools/eval_cxr.py --config eval.yaml`"
        ),
    },
)

BROKEN_DEMO = Repository(
    passes="heil.data heil.dependencies midl.dependencies midl.training midl.documentation midl.license midl.public-data midl.repeatable",
    unknown="heil.deterministic",
    evidence={"midl.evaluation": ("demo.py", 5)},
    files={
        **{path: text for path, text in _CXR_FILES.items() if path != "score.py"},
        "LICENSE": MIT,
        "README.md": _CXR_README.replace(
            "`python score.py data/` prints the area under the ROC curve on the test part.",
            "`python demo.py data/test/one.npz` draws a heat map for one image of the test part.",
        ),
        "demo.py": """
            import sys

            import torch

            from models.densenet import ThoraxNet
            from utils.heatmaps import overlay

            net = ThoraxNet()
            net.load_state_dict(torch.load("thorax.pth"))
            net.eval()
            print(overlay(net.predict(sys.argv[1])))
        """,
    },
)

# The images are had by hand, after registration.
NNUNET = Repository(
    passes="heil.dependencies midl.dependencies midl.training midl.evaluation midl.documentation midl.license midl.public-data midl.repeatable",
    evidence={
        "midl.training": ("train_all_folds.sh", None),
        "midl.evaluation": ("predict_test_set.sh", None),
    },
    files={
        "LICENSE": MIT,
        "README.md": """
            # nnU-Net on multi-centre cardiac MRI

            Data: [M&Ms](https://www.ub.edu/mnms/), free after registration. `python to_nnunet.py M_and_Ms/` converts the images to the layout that nnU-Net expects.

            Installation: `pip install -r requirements.txt` (Python 3.10).

            Training of the five folds: `bash train_all_folds.sh`, which leaves the trained networks in the folder `nnUNet_results/`.
            Inference on the test set and its Dice scores: `bash predict_test_set.sh`.
        """,
        "requirements.txt": "nibabel==5.1.0\nnnunetv2==2.2\ntorch==2.1.2\n",
        "to_nnunet.py": """
            import pathlib
            import sys

            import nibabel

            for number, path in enumerate(sorted(pathlib.Path(sys.argv[1]).glob("*/*_sa.nii.gz"))):
                image = nibabel.load(path)
                nibabel.save(image.slicer[..., 0], f"nnUNet_raw/Dataset114_MNMs/imagesTr/mnms_{number:03}_0000.nii.gz")
        """,
        "train_all_folds.sh": """
            nnUNetv2_plan_and_preprocess -d 114 --verify_dataset_integrity
            for fold in 0 1 2 3 4; do
                nnUNetv2_train 114 3d_fullres $fold
            done
        """,
        "predict_test_set.sh": """
            nnUNetv2_predict -i imagesTs -o predictions -d 114 -c 3d_fullres
            nnUNetv2_evaluate_folder labelsTs predictions -djfile dataset.json -pfile plans.json
        """,
    },
)

# The images are had by hand.
MATLAB = Repository(
    passes="midl.training midl.evaluation midl.documentation midl.public-data",
    files={
        "README.md": """
            # Optic disc segmentation with a small network in MATLAB

            Needs MATLAB with the Deep Learning Toolbox and the Image Processing Toolbox installed.

            The fundus images are those of the DRISHTI-GS data set; download them from https://cvit.iiit.ac.in/projects/mip/drishti-gs and put them into `images`, the outlines into `labels`.
            `prepare_images.m` crops them around the disc.

            Run `train_disc.m` to train the network and to save the trained network in `disc.mat`, then `test_disc.m`, which computes Dice for the test images.
        """,
        "prepare_images.m": """
            files = dir('images/*.png');
            for k = 1:numel(files)
                image = imread(fullfile('images', files(k).name));
                imwrite(imresize(image, [256 256]), fullfile('cropped', files(k).name));
            end
        """,
        "train_disc.m": """
            % Trains on the cropped images.
            images = imageDatastore('cropped/train');
            labels = pixelLabelDatastore('labels/train', ["disc" "rest"], [1 2]);
            layers = unetLayers([256 256 3], 2);
            options = trainingOptions('adam', 'MaxEpochs', 40, 'Shuffle', 'every-epoch');
            net = trainNetwork(pixelLabelImageDatastore(images, labels), layers, options);
            save('disc.mat', 'net');
        """,
        "test_disc.m": """
            load('disc.mat', 'net');
            files = dir('cropped/test/*.png');
            for k = 1:numel(files)
                found = semanticseg(imread(fullfile('cropped/test', files(k).name)), net);
                scores(k) = dice(found == "disc", imread(fullfile('labels/test', files(k).name)) == 1);
            end
            fprintf('Dice %.3f\\n', mean(scores));
        """,
    },
)

IMAGING = {
    "keras_on_request": KERAS_ON_REQUEST,
    "inference_only": INFERENCE_ONLY,
    "weights_on_drive": ON_DRIVE,
    "weights_in_lfs": IN_LFS,
    "weights_committed": COMMITTED,
    "imagenet_only": IMAGENET_ONLY,
    "paper_doi_only": PAPER_DOI,
    "code_doi": CODE_DOI,
    "readme_names_missing_files": LOST_FILES,
    "broken_demo": BROKEN_DEMO,
    "nnunet": NNUNET,
    "matlab": MATLAB,
}
